package io.hipache.supervisor.process;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Collects what one writer prints and passes it on in whole lines, so that those of others do not get in between. */
final class LineOutputStream extends OutputStream {
    /** What is longer is no message, and goes on in pieces. */
    private static final int LONGEST_LINE = 64 << 10;

    private final Consumer<ByteBuffer> lines;
    private final ByteArrayOutputStream rest = new ByteArrayOutputStream();

    /** @param lines owns what it is given */
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

    /** Ends a line that nobody has ended: the last words of a process that was killed. */
    @Override
    public synchronized void close() {
        if (rest.size() > 0) {
            rest.write('\n');
            pass();
        }
    }
}
