package io.hipache.http;

import io.netty.buffer.ByteBuf;

/** Writes fields as lines of HTTP/1.1 (RFC 9112 §5). */
public record FieldLines(ByteBuf out) implements FieldSink {

    @Override
    public void received(Fields fields, int index) {
        fields.writeTo(out, index);
    }

    @Override
    public void made(String name, String value) {
        HeadWriter.field(out, name, value);
    }
}
