package io.hipache.driver.redis;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;

/** Writes the parts of a command in the Redis serialization protocol. */
public final class Resp {

    private static final int CRLF = '\r' << 8 | '\n';

    private Resp() {}

    /** Begins a command of {@code length} bulk strings. */
    public static void array(ByteBuf out, int length) {
        out.writeByte('*');
        number(out, length);
    }

    public static void bulk(ByteBuf out, byte[] bytes) {
        out.writeByte('$');
        number(out, bytes.length);
        out.writeBytes(bytes);
        out.writeShort(CRLF);
    }

    public static void bulk(ByteBuf out, String text) {
        bulk(out, text.getBytes(StandardCharsets.UTF_8));
    }

    /** One bulk string of a prefix and a host. The host is ASCII only. */
    public static void bulk(ByteBuf out, byte[] prefix, String host) {
        out.writeByte('$');
        number(out, prefix.length + host.length());
        out.writeBytes(prefix);
        ByteBufUtil.writeAscii(out, host);
        out.writeShort(CRLF);
    }

    /** One bulk string of a number below 1,000. */
    public static void bulk(ByteBuf out, int number) {
        out.writeByte('$');
        number(out, number < 10 ? 1 : number < 100 ? 2 : 3);
        number(out, number);
    }

    private static void number(ByteBuf out, int number) {
        if (number >= 10_000) {
            ByteBufUtil.writeAscii(out, Integer.toString(number));
        } else {
            if (number >= 1_000) {
                out.writeByte('0' + number / 1_000);
            }
            if (number >= 100) {
                out.writeByte('0' + number / 100 % 10);
            }
            if (number >= 10) {
                out.writeByte('0' + number / 10 % 10);
            }
            out.writeByte('0' + number % 10);
        }
        out.writeShort(CRLF);
    }
}
