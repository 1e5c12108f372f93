package io.hipache.http;

import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decodes a chunked body (RFC 9112 §7.1). Sizes are plain hexadecimal and lines end in CRLF only. Chunk extensions are
 * dropped, trailers are kept. Request smuggling exploits parsers that accept more than this.
 *
 * <p>Small chunks that arrive together leave together: each part costs everybody behind more than its bytes. Large ones are
 * not copied.
 */
final class ChunkedBody {
    /** The longest line that holds a chunk's size and extensions, in bytes. */
    private static final int LONGEST_SIZE_LINE = 1024;
    /** A size of 15 hexadecimal digits is always below {@link Long#MAX_VALUE}. */
    private static final int MOST_DIGITS = 15;

    /** Parts below this length are copied behind one another. */
    private static final int SMALL = 1024;

    private enum State {
        SIZE,
        DATA,
        DATA_END,
        TRAILERS
    }

    private final HeadScanner trailers;
    private State state = State.SIZE;
    private long left;
    /** The last part, which is small and has not been handed out yet. */
    private @Nullable ByteBuf small;
    /** Whether {@link #small} has room for more, and belongs to nobody else. */
    private boolean copied;

    ChunkedBody(int trailerLimit) {
        this.trailers = new HeadScanner(trailerLimit);
    }

    /**
     * Moves the part of the body that {@code in} holds to {@code out}.
     *
     * @return whether the body is now complete
     * @throws MalformedMessage when a size, an extension, a line end or the trailer section is malformed or too long
     */
    boolean read(ByteBuf in, List<Object> out) {
        try {
            return readChunks(in, out);
        } finally {
            handOut(out);
        }
    }

    private void add(ByteBuf in, int length, List<Object> out) {
        if (length >= SMALL) {
            handOut(out);
            out.add(in.readRetainedSlice(length));
            return;
        }
        if (small == null) {
            small = in.readRetainedSlice(length);
        } else {
            together(in, length, out).writeBytes(in, length);
        }
    }

    /** The buffer for {@code length} more bytes out of {@code in}, behind the small part that there may be. */
    private ByteBuf together(ByteBuf in, int length, List<Object> out) {
        ByteBuf before = small;
        if (before != null && copied && length <= before.writableBytes()) {
            return before;
        }
        if (copied) {
            handOut(out);
            before = null;
        }
        int begun = before == null ? 0 : before.readableBytes();
        // what is left of the input bounds what can follow
        ByteBuf together = in.alloc().buffer(Math.max(begun + length, Math.min(begun + in.readableBytes(), 8 * SMALL)));
        if (before != null) {
            together.writeBytes(before);
            before.release();
        }
        small = together;
        copied = true;
        return together;
    }

    /** Reads small chunks with which {@code in} begins, and returns whether there were any. */
    private boolean readSmall(ByteBuf in, List<Object> out) {
        if (!SmallChunks.beginIn(in)) {
            return false;
        }
        SmallChunks chunks = SmallChunks.read(in);
        if (chunks.length() == 0) {
            return false;
        }
        chunks.move(in, together(in, chunks.length(), out));
        return true;
    }

    private void handOut(List<Object> out) {
        if (small != null) {
            out.add(small);
            small = null;
            copied = false;
        }
    }

    private boolean readChunks(ByteBuf in, List<Object> out) {
        while (in.isReadable()) {
            switch (state) {
                case SIZE -> {
                    if (!readSmall(in, out) && !readSize(in)) {
                        return false;
                    }
                }
                case DATA -> {
                    int length = (int) Math.min(left, in.readableBytes());
                    add(in, length, out);
                    left -= length;
                    if (left == 0) {
                        state = State.DATA_END;
                    }
                }
                case DATA_END -> {
                    if (in.readableBytes() < 2) {
                        return false;
                    }
                    if (in.readShort() != HeadWriter.CRLF) {
                        throw MalformedMessage.because("malformed chunk");
                    }
                    state = State.SIZE;
                }
                case TRAILERS -> {
                    byte[] section = trailers.takeTrailers(in);
                    if (section == null) {
                        return false;
                    }
                    requireCarriageReturns(section);
                    state = State.SIZE;
                    Fields fields = HeadParser.trailers(section);
                    handOut(out);
                    out.add(fields.size() == 0 ? BodyEnd.PLAIN : new BodyEnd(fields));
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Refuses a bare LF. A head may end its lines in one, because old clients send it. For trailers there is no such
     * history.
     */
    private static void requireCarriageReturns(byte[] section) {
        byte previous = 0;
        for (byte b : section) {
            if (b == '\n' && previous != '\r') {
                throw MalformedMessage.because("malformed trailer section");
            }
            previous = b;
        }
    }

    private boolean readSize(ByteBuf in) {
        int start = in.readerIndex();
        int lineFeed = in.indexOf(start, in.writerIndex(), (byte) '\n');
        if ((lineFeed < 0 ? in.readableBytes() : lineFeed - start) > LONGEST_SIZE_LINE) {
            throw MalformedMessage.because("chunk size line too long");
        }
        if (lineFeed < 0) {
            return false;
        }
        left = size(in, start, lineFeed);
        in.readerIndex(lineFeed + 1);
        state = left == 0 ? State.TRAILERS : State.DATA;
        return true;
    }

    private static long size(ByteBuf in, int start, int lineFeed) {
        int end = lineFeed - 1;
        if (end < start || in.getByte(end) != '\r') {
            throw MalformedMessage.because("malformed chunk size");
        }
        long size = 0;
        int at = start;
        for (; at < end; at++) {
            int digit = Ascii.hexDigit(in.getByte(at));
            if (digit < 0) {
                break;
            }
            size = size << 4 | digit;
        }
        if (at == start || at - start > MOST_DIGITS) {
            throw MalformedMessage.because("malformed chunk size");
        }
        requireExtensions(in, at, end);
        return size;
    }

    /**
     * Checks what follows the size: optional white space, then either nothing or {@code ;} and the bytes of a field
     * value.
     */
    private static void requireExtensions(ByteBuf in, int from, int end) {
        int at = from;
        while (at < end && Ascii.isSpace(in.getByte(at))) {
            at++;
        }
        if (at < end && in.getByte(at) != ';') {
            throw MalformedMessage.because("malformed chunk size");
        }
        for (; at < end; at++) {
            if (!Ascii.isFieldValue(in.getByte(at))) {
                throw MalformedMessage.because("malformed chunk extension");
            }
        }
    }

    /**
     * Takes apart many small chunks that arrived together, in one pass over an array: one at a time, a chunk of one byte costs
     * as much as a thousand bytes. Takes only whole chunks of the plainest form, a size of one or two digits without extensions
     * (RFC 9112 §7.1). It stops at anything else, which is then read or refused.
     */
    private static final class SmallChunks {
        /** Bytes for one pass. Few enough that a pass which finds one chunk alone costs about as much as without it. */
        private static final int MOST = 512;
        /** One digit, CR, LF, one byte, CR, LF. */
        private static final int SHORTEST = 6;
        /** One chunk is not worth the array. */
        private static final int LEAST = 2 * SHORTEST;

        private final byte[] bytes;
        private final int length;
        private final int taken;

        private SmallChunks(byte[] bytes, int length, int taken) {
            this.bytes = bytes;
            this.length = length;
            this.taken = taken;
        }

        /** Whether {@code in}, which is at the begin of a chunk, seems to hold several small ones. */
        static boolean beginIn(ByteBuf in) {
            int at = in.readerIndex();
            return in.readableBytes() >= LEAST && (in.getByte(at + 1) == '\r' || in.getByte(at + 2) == '\r');
        }

        /** Reads chunks from {@code in} without moving its index. */
        static SmallChunks read(ByteBuf in) {
            byte[] bytes = new byte[Math.min(in.readableBytes(), MOST)];
            in.getBytes(in.readerIndex(), bytes);
            int last = bytes.length - SHORTEST;
            int from = 0;
            int to = 0;
            while (from <= last) {
                int at = from;
                int size = Ascii.hexDigit(bytes[at++]);
                if (bytes[at] != '\r') {
                    // negative when one of the two is no digit
                    size = size << 4 | Ascii.hexDigit(bytes[at++]);
                }
                int data = at + 2;
                int end = data + size;
                if (size <= 0
                        || end + 2 > bytes.length
                        || bytes[at] != '\r'
                        || bytes[at + 1] != '\n'
                        || bytes[end] != '\r'
                        || bytes[end + 1] != '\n') {
                    break;
                }
                while (data < end) {
                    bytes[to++] = bytes[data++];
                }
                from = end + 2;
            }
            return new SmallChunks(bytes, to, from);
        }

        /** How many bytes the data of the chunks has. */
        int length() {
            return length;
        }

        /** Appends the data of the chunks to {@code out}, and moves {@code in} behind the chunks. */
        void move(ByteBuf in, ByteBuf out) {
            out.writeBytes(bytes, 0, length);
            in.skipBytes(taken);
        }
    }
}
