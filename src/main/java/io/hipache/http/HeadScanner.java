package io.hipache.http;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Finds the blank line that ends a head, looking at no byte twice however slowly they come. */
final class HeadScanner {
    private final int limit;
    private int scanned;

    /** @param limit the longest head, in bytes */
    HeadScanner(int limit) {
        this.limit = limit;
    }

    /**
     * Takes a whole head, its blank line included, out of {@code in}.
     *
     * @return null when more bytes are needed
     * @throws MalformedMessage when the head is longer than the limit
     */
    byte @Nullable [] take(ByteBuf in) {
        int start = in.readerIndex();
        int end = in.writerIndex();
        int from = start + scanned;
        while (true) {
            int lineFeed = from < end ? in.indexOf(from, end, (byte) '\n') : -1;
            if (lineFeed < 0) {
                return needMore(in, end - start);
            }
            int next = lineFeed + 1;
            if (next < end && in.getByte(next) == '\r') {
                next++;
            }
            if (next >= end) {
                return needMore(in, lineFeed - start);
            }
            if (in.getByte(next) == '\n') {
                return takeHead(in, next + 1 - start);
            }
            from = next;
        }
    }

    /** Like {@link #take}, for a trailer section, which may consist of its blank line alone. */
    byte @Nullable [] takeTrailers(ByteBuf in) {
        if (scanned == 0 && in.isReadable()) {
            int start = in.readerIndex();
            int length = in.getByte(start) == '\r' ? 2 : 1;
            if (in.readableBytes() < length) {
                return null;
            }
            if (in.getByte(start + length - 1) == '\n') {
                return takeHead(in, length);
            }
        }
        return take(in);
    }

    private byte @Nullable [] needMore(ByteBuf in, int scannedBytes) {
        if (in.readableBytes() > limit) {
            throw MalformedMessage.headTooLarge();
        }
        scanned = scannedBytes;
        return null;
    }

    private byte[] takeHead(ByteBuf in, int length) {
        if (length > limit) {
            throw MalformedMessage.headTooLarge();
        }
        byte[] head = new byte[length];
        in.readBytes(head);
        scanned = 0;
        return head;
    }
}
