package io.hipache.worker.memory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.LongSupplier;

/**
 * The resident set of this process as the kernel counts it, in bytes. Asking costs some 10 µs and never waits for a disk,
 * so that the event loop may do it now and then.
 */
public final class ResidentMemory implements LongSupplier {
    private static final byte[] NAME = {'V', 'm', 'R', 'S', 'S', ':'};
    /** The line stands in the first half of it. */
    private static final int LONGEST_STATUS = 4096;

    private final FileChannel status;
    private final ByteBuffer text = ByteBuffer.allocateDirect(LONGEST_STATUS);

    private ResidentMemory(FileChannel status) {
        this.status = status;
    }

    /** Of the process that calls it, for as long as it lives. */
    public static ResidentMemory ofThisProcess() {
        try {
            return new ResidentMemory(FileChannel.open(Path.of("/proc/self/status"), StandardOpenOption.READ));
        } catch (IOException e) {
            throw new IllegalStateException("this system has no /proc", e);
        }
    }

    /** Returns 0 when the kernel does not say. */
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
