package io.hipache.proxy;

import io.hipache.http.HeadWriter;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** The answers that do not come from a backend, for clients of HTTP/1.1. */
final class Answers {
    private static final byte[] OK = "ok".getBytes(StandardCharsets.US_ASCII);

    private Answers() {}

    static void page(
            ClientConnection client,
            boolean toHead,
            int status,
            ErrorPages.Page page,
            boolean keepAlive,
            DebugHeaders debug) {
        ByteBuf out = client.buffer(512 + page.bytes().length);
        begin(out, status, page.contentType(), page.bytes().length, keepAlive);
        debug.write(out);
        HeadWriter.endLine(out);
        finish(client, out, toHead, page.bytes());
    }

    /** What {@code Host: __ping__} gets. */
    static void pong(ClientConnection client, boolean toHead, boolean keepAlive) {
        ByteBuf out = client.buffer(256);
        begin(out, 200, "text/plain", OK.length, keepAlive);
        HeadWriter.endLine(out);
        finish(client, out, toHead, OK);
    }

    private static void begin(ByteBuf out, int status, String contentType, int length, boolean keepAlive) {
        HeadWriter.latin1(out, "HTTP/1.1 " + status + ' ' + Reasons.of(status));
        HeadWriter.endLine(out);
        HeadWriter.field(out, "content-type", contentType);
        HeadWriter.field(out, "cache-control", "no-cache");
        HeadWriter.field(out, "pragma", "no-cache");
        HeadWriter.field(out, "expires", "-1");
        HeadWriter.field(out, "content-length", Integer.toString(length));
        // said in both cases, for HTTP/1.0 takes neither for granted
        HeadWriter.field(out, "connection", keepAlive ? "keep-alive" : "close");
    }

    private static void finish(ClientConnection client, ByteBuf out, boolean toHead, byte[] body) {
        if (!toHead) {
            out.writeBytes(body);
        }
        client.write(out);
        client.flush();
    }
}
