package io.hipache.worker.memory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.LongSupplier;

/**
 * The resident set of this process as the kernel counts it, in bytes. A reading takes some 10 µs and does not wait for
 * a disk, so the event loop may do it now and then.
 */
public final class ResidentMemory implements LongSupplier {
    private static final byte[] NAME = {'V', 'm', 'R', 'S', 'S', ':'};
    /** The line of the resident set is in the first half of these bytes. */
    private static final int LONGEST_STATUS = 4096;

    private final FileChannel status;
    private final ByteBuffer text = ByteBuffer.allocateDirect(LONGEST_STATUS);

    private ResidentMemory(FileChannel status) {
        this.status = status;
    }

    /** For the process that calls this, for the rest of its life. */
    public static ResidentMemory ofThisProcess() {
        try {
            return new ResidentMemory(FileChannel.open(Path.of("/proc/self/status"), StandardOpenOption.READ));
        } catch (IOException e) {
            throw new IllegalStateException(
                    "cannot read /proc/self/status, which a worker needs to measure its memory", e);
        }
    }

    /** The resident set, or 0 when the kernel does not say. */
    @Override
    public long getAsLong() {
        text.clear();
        try {
            status.read(text, 0);
        } catch (IOException e) {
            return 0;
        }
        return bytes(text.flip());
    }

    /** Reads {@code VmRSS:   104856 kB}. */
    static long bytes(ByteBuffer status) {
        int at = indexOf(status);
        if (at < 0) {
            return 0;
        }
        long kilobytes = 0;
        for (int i = at + NAME.length; i < status.limit() && status.get(i) != '\n'; i++) {
            int digit = status.get(i) - '0';
            if (digit >= 0 && digit <= 9) {
                kilobytes = kilobytes * 10 + digit;
            }
        }
        return kilobytes << 10;
    }

    private static int indexOf(ByteBuffer status) {
        for (int start = 0; start + NAME.length < status.limit(); start++) {
            int matched = 0;
            while (matched < NAME.length && status.get(start + matched) == NAME[matched]) {
                matched++;
            }
            if (matched == NAME.length) {
                return start;
            }
        }
        return -1;
    }
}
