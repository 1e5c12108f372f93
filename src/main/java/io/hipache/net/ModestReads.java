package io.hipache.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import java.util.function.BooleanSupplier;

/**
 * How much is read from a connection at a time: as much as Netty finds fit, which grows to 64 KiB. While direct memory is
 * scarce it is little, for a single byte keeps the whole read alive.
 */
public final class ModestReads implements RecvByteBufAllocator {
    /** For all connections of this process. */
    public static final ModestReads INSTANCE = new ModestReads(DirectMemory::isScarce);

    static final int LITTLE = 2 * 1024;

    private final RecvByteBufAllocator sizes = new AdaptiveRecvByteBufAllocator();
    private final BooleanSupplier scarce;

    ModestReads(BooleanSupplier scarce) {
        this.scarce = scarce;
    }

    @Override
    @SuppressWarnings("deprecation") // of the interface: Netty asks for an ExtendedHandle, which this is
    public Handle newHandle() {
        return new Modest((ExtendedHandle) sizes.newHandle(), scarce);
    }

    private static final class Modest extends DelegatingHandle implements ExtendedHandle {
        private final ExtendedHandle sizes;
        private final BooleanSupplier scarce;

        private Modest(ExtendedHandle sizes, BooleanSupplier scarce) {
            super(sizes);
            this.sizes = sizes;
            this.scarce = scarce;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            return scarce.getAsBoolean() ? allocator.ioBuffer(Math.min(LITTLE, guess())) : sizes.allocate(allocator);
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
            return sizes.continueReading(maybeMoreData);
        }
    }
}
