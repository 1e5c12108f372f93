package io.hipache.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * Bytes of a body that have to wait, in the order in which they arrived. Each piece is a slice of a read from the
 * network and keeps the memory of the whole read alive, even when the piece is a single byte. Small pieces are
 * therefore copied together, so that the memory is at most a few times the length. Owns the bytes that it is given.
 * Confined to the event loop.
 */
public final class KeptBytes {
    /** Pieces below this length are copied. It is half of the largest TLS record. */
    private static final int SMALL = 8 * 1024;

    private final Deque<ByteBuf> pieces = new ArrayDeque<>(0);
    /** The last of {@link #pieces} when it has room for more. Bytes in it are never moved. */
    private ByteBuf room = Unpooled.EMPTY_BUFFER;

    private int length;

    /** Takes over {@code bytes} and appends them. */
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
                // most bodies are a single piece, so the first buffer has the exact length
                int capacity = pieces.isEmpty() ? bytes.readableBytes() : SMALL;
                room = bytes.alloc().buffer(capacity, capacity).writeBytes(bytes);
                pieces.add(room);
            }
        } finally {
            bytes.release();
        }
    }

    /** Returns {@code bytes} in a buffer that keeps no more memory alive than needed. Takes over {@code bytes}. */
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

    /** Removes the first piece, which the caller then owns. There must be one. */
    public ByteBuf remove() {
        ByteBuf first = pieces.remove();
        length -= first.readableBytes();
        if (pieces.isEmpty()) {
            room = Unpooled.EMPTY_BUFFER;
        }
        return first;
    }

    /** Calls {@code action} for each piece. The pieces stay here. */
    public void forEach(Consumer<ByteBuf> action) {
        pieces.forEach(action);
    }

    /** Whether no bytes wait. */
    public boolean isEmpty() {
        return pieces.isEmpty();
    }

    /** How many bytes wait. */
    public int length() {
        return length;
    }

    /** Releases all pieces. */
    public void clear() {
        while (!isEmpty()) {
            remove().release();
        }
    }
}
