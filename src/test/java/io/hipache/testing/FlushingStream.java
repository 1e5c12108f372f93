package io.hipache.testing;

import java.io.IOException;
import java.io.OutputStream;

/** Flushes after every write, for a body that is sent on while it is received. */
final class FlushingStream extends OutputStream {
    private final OutputStream out;

    FlushingStream(OutputStream out) {
        this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
        out.write(b);
        out.flush();
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
        out.write(bytes, from, count);
        out.flush();
    }
}
