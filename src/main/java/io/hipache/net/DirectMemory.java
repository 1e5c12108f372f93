package io.hipache.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.internal.PlatformDependent;

/**
 * The direct memory of this process, in which the bytes of all connections are. While it is scarce, each connection gets
 * little of it: little is read at a time, and little may wait unsent. Everybody is then served more slowly, and nobody fails.
 */
public final class DirectMemory {
    /** What may wait unsent on one connection while memory is scarce. */
    private static final WriteBufferWaterMark LITTLE = new WriteBufferWaterMark(1024, 4 * 1024);

    private static final long SCARCE = PlatformDependent.maxDirectMemory() / 2;

    private DirectMemory() {}

    /** Whether something failed because there is no more of it. The connection that asked has to end. */
    public static boolean isExhausted(Throwable cause) {
        return cause instanceof OutOfMemoryError || cause.getCause() instanceof OutOfMemoryError;
    }

    /** Whether more than half of what this process may have is in use. */
    public static boolean isScarce() {
        return PlatformDependent.usedDirectMemory() > SCARCE;
    }

    /** Sets how much may wait unsent on {@code channel}. To be called before something is written. */
    public static void limitOutput(Channel channel) {
        ChannelConfig config = channel.config();
        boolean little = config.getWriteBufferHighWaterMark() == LITTLE.high();
        if (isScarce() != little) {
            config.setWriteBufferWaterMark(little ? WriteBufferWaterMark.DEFAULT : LITTLE);
        }
    }
}
