package io.hipache.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import java.util.function.IntSupplier;

/**
 * How much is read from a connection at a time: as much as Netty finds fit, which grows to 64 KiB. While direct memory is
 * scarce it is little, for a single byte keeps the whole read alive.
 */
public final class ModestReads implements RecvByteBufAllocator {
    /** For all connections of this process. */
    public static final ModestReads INSTANCE = new ModestReads(DirectMemory::readSize);

    private final RecvByteBufAllocator sizes = new AdaptiveRecvByteBufAllocator();
    private final IntSupplier most;

    /** @param most the bytes that may be read at a time now */
    ModestReads(IntSupplier most) {
        this.most = most;
    }

    @Override
    @SuppressWarnings("deprecation") // of the interface: Netty asks for an ExtendedHandle, which this is
    public Handle newHandle() {
        return new Modest((ExtendedHandle) sizes.newHandle(), most);
    }

    private static final class Modest extends DelegatingHandle implements ExtendedHandle {
        private final ExtendedHandle sizes;
        private final IntSupplier most;

        private Modest(ExtendedHandle sizes, IntSupplier most) {
            super(sizes);
            this.sizes = sizes;
            this.most = most;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            return allocator.ioBuffer(Math.min(most.getAsInt(), guess()));
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
            return sizes.continueReading(maybeMoreData);
        }
    }
}
