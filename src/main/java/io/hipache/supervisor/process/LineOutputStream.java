package io.hipache.supervisor.process;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Collects the output of one writer and passes it on in whole lines, so that lines of several writers never mix. */
final class LineOutputStream extends OutputStream {
    /** A longer line is cut into several. */
    private static final int LONGEST_LINE = 64 << 10;

    private final Consumer<ByteBuffer> lines;
    private final ByteArrayOutputStream rest = new ByteArrayOutputStream();

    /** @param lines receives whole lines, and owns each buffer it receives */
    LineOutputStream(Consumer<ByteBuffer> lines) {
        this.lines = lines;
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
        int end = offset + length;
        while (end > offset && bytes[end - 1] != '\n') {
            end--;
        }
        rest.write(bytes, offset, end - offset);
        if (end > offset) {
            pass();
        }
        rest.write(bytes, end, offset + length - end);
        if (rest.size() > LONGEST_LINE) {
            close();
        }
    }

    private void pass() {
        lines.accept(ByteBuffer.wrap(rest.toByteArray()));
        rest.reset();
    }

    /** Ends an unfinished line, such as the last output of a killed process. */
    @Override
    public synchronized void close() {
        if (rest.size() > 0) {
            rest.write('\n');
            pass();
        }
    }
}
