package io.hipache.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Frames bytes as a chunk (RFC 9112 §7.1). Copies only a small one: one buffer costs Netty and the kernel less than three. */
public final class Chunks {
    /** Room for the line with a chunk's size, and for the line end behind the chunk. */
    private static final int LINE = 16;
    /** Chunks below this length are copied behind their size. */
    private static final int SMALL = 1024;

    private static final ByteBuf END = Unpooled.unreleasableBuffer(
                    Unpooled.directBuffer(2, 2).writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII)))
            .asReadOnly();

    private Chunks() {}

    /** How large the buffer has to be that {@link #write} needs besides {@code bytes}. */
    public static int room(ByteBuf bytes) {
        return bytes.readableBytes() < SMALL ? LINE + bytes.readableBytes() : LINE;
    }

    /**
     * Writes {@code bytes}, which are not empty, as one chunk; takes over them and {@code line}.
     *
     * @param line with as much room as {@link #room} says
     */
    public static void write(ByteBuf bytes, ByteBuf line, Consumer<ByteBuf> out) {
        HeadWriter.chunkSize(line, bytes.readableBytes());
        if (bytes.readableBytes() < SMALL) {
            line.writeBytes(bytes).writeShort(HeadWriter.CRLF);
            bytes.release();
            out.accept(line);
            return;
        }
        out.accept(line);
        out.accept(bytes);
        out.accept(END.duplicate());
    }
}
