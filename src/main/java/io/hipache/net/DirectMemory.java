package io.hipache.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.internal.PlatformDependent;
import org.jspecify.annotations.Nullable;

/**
 * The direct memory of this process, in which the bytes of all connections are. While it is scarce, each connection gets
 * little of it: little is read at a time, and little may wait unsent. Everybody is then served more slowly, and nobody fails.
 */
public final class DirectMemory {
    private static final WriteBufferWaterMark PLENTY = WriteBufferWaterMark.DEFAULT;
    private static final WriteBufferWaterMark LESS = new WriteBufferWaterMark(8 * 1024, 16 * 1024);
    private static final WriteBufferWaterMark LITTLE = new WriteBufferWaterMark(1024, 4 * 1024);

    private static final long SCARCE = PlatformDependent.maxDirectMemory() / 2;
    private static final long NEARLY_GONE = SCARCE + SCARCE / 2;

    private DirectMemory() {}

    /**
     * Whether something failed because this process or its kernel has no memory left (ENOMEM, ENOBUFS). It says nothing about
     * the other side. The connection that asked has to end.
     */
    public static boolean isExhausted(@Nullable Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            String message = String.valueOf(each.getMessage());
            if (each instanceof OutOfMemoryError
                    || message.contains("Cannot allocate memory")
                    || message.contains("No buffer space available")) {
                return true;
            }
        }
        return false;
    }

    /** How many bytes are in use. */
    public static long used() {
        return PlatformDependent.usedDirectMemory();
    }

    /** Whether more than half of what this process may have is in use. */
    public static boolean isScarce() {
        return PlatformDependent.usedDirectMemory() > SCARCE;
    }

    /** How many bytes may be read at a time. */
    static int readSize() {
        long used = PlatformDependent.usedDirectMemory();
        return used <= SCARCE ? Integer.MAX_VALUE : used <= NEARLY_GONE ? 8 * 1024 : 2 * 1024;
    }

    /** Sets how much may wait unsent on {@code channel}. To be called before something is written. */
    public static void limitOutput(Channel channel) {
        long used = PlatformDependent.usedDirectMemory();
        WriteBufferWaterMark mark = used <= SCARCE ? PLENTY : used <= NEARLY_GONE ? LESS : LITTLE;
        ChannelConfig config = channel.config();
        if (config.getWriteBufferHighWaterMark() != mark.high()) {
            config.setWriteBufferWaterMark(mark);
        }
    }
}
