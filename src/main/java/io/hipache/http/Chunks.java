package io.hipache.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Frames bytes as a chunk (RFC 9112 §7.1) without copying them. */
public final class Chunks {
    /** Room for the line with a chunk's size. */
    public static final int LINE = 16;

    private static final ByteBuf END = Unpooled.unreleasableBuffer(
                    Unpooled.directBuffer(2, 2).writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII)))
            .asReadOnly();

    private Chunks() {}

    /** Writes {@code bytes}, which are not empty, as one chunk; takes over them and {@code line}. */
    public static void write(ByteBuf bytes, ByteBuf line, Consumer<ByteBuf> out) {
        HeadWriter.chunkSize(line, bytes.readableBytes());
        out.accept(line);
        out.accept(bytes);
        out.accept(END.duplicate());
    }
}
