package io.hipache.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * Bytes of a body that have to wait, in the order in which they came. Each piece is a slice of what was read from the
 * network, all of which it holds on to, be it of a single byte: small ones are copied together, so that what waits takes
 * no more than a few times its length. Owns what it is given. Confined to the event loop.
 */
public final class KeptBytes {
    /** Half of what the largest record of TLS holds. */
    private static final int SMALL = 8 * 1024;

    private final Deque<ByteBuf> pieces = new ArrayDeque<>(0);
    /** The last of {@link #pieces}, where there is room for more; what is in it already stays where it is. */
    private ByteBuf room = Unpooled.EMPTY_BUFFER;

    private int length;

    /** Takes over {@code bytes}, which go behind all others. */
    public void add(ByteBuf bytes) {
        length += bytes.readableBytes();
        if (bytes.readableBytes() >= SMALL) {
            pieces.add(bytes);
            room = Unpooled.EMPTY_BUFFER;
            return;
        }
        try {
            room.writeBytes(bytes, Math.min(bytes.readableBytes(), room.writableBytes()));
            if (bytes.isReadable()) {
                // most bodies are of one piece
                int capacity = pieces.isEmpty() ? bytes.readableBytes() : SMALL;
                room = bytes.alloc().buffer(capacity, capacity).writeBytes(bytes);
                pieces.add(room);
            }
        } finally {
            bytes.release();
        }
    }

    /** A piece that takes no more memory than it needs; takes over {@code bytes}. */
    public static ByteBuf compact(ByteBuf bytes) {
        if (bytes.readableBytes() >= SMALL) {
            return bytes;
        }
        try {
            return bytes.copy();
        } finally {
            bytes.release();
        }
    }

    /** The first piece, whose owner the caller becomes; there has to be one. */
    public ByteBuf remove() {
        ByteBuf first = pieces.remove();
        length -= first.readableBytes();
        if (pieces.isEmpty()) {
            room = Unpooled.EMPTY_BUFFER;
        }
        return first;
    }

    /** Shows each piece, which stays here. */
    public void forEach(Consumer<ByteBuf> action) {
        pieces.forEach(action);
    }

    public boolean isEmpty() {
        return pieces.isEmpty();
    }

    /** How many bytes there are. */
    public int length() {
        return length;
    }

    /** Throws all of them away. */
    public void clear() {
        while (!isEmpty()) {
            remove().release();
        }
    }
}
