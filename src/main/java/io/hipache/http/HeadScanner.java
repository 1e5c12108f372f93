package io.hipache.http;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Finds the blank line that ends a head. No byte is scanned twice, however slowly the bytes arrive. */
final class HeadScanner {
    private final int limit;
    private int scanned;

    /** @param limit the length of the longest accepted head, in bytes */
    HeadScanner(int limit) {
        this.limit = limit;
    }

    /**
     * Takes a complete head, including its blank line, out of {@code in}.
     *
     * @return the head, or null when more bytes are needed
     * @throws MalformedMessage with status 431 when the head is longer than the limit
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

    /** Like {@link #take}, but for a trailer section, which may be a blank line alone. */
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
