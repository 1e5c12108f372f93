package io.hipache.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/** Sends every write as one chunk. */
final class ChunkStream extends OutputStream {
    private final OutputStream out;

    ChunkStream(OutputStream out) {
        this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
        if (count > 0) {
            out.write(MessageReader.latin1(Integer.toHexString(count) + "\r\n"));
            out.write(bytes, from, count);
            out.write(MessageReader.latin1("\r\n"));
        }
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }

    /** Writes the last chunk and the trailer section. */
    static void end(OutputStream out, List<String> trailers) throws IOException {
        StringBuilder end = new StringBuilder("0\r\n");
        trailers.forEach(line -> end.append(line).append("\r\n"));
        out.write(MessageReader.latin1(end.append("\r\n").toString()));
    }
}
