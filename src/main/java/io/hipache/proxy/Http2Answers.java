package io.hipache.proxy;

import io.hipache.http2.ResponseBlock;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;

/** The answers that do not come from a backend, for streams of HTTP/2; {@link Answers} has those of HTTP/1.1. */
final class Http2Answers {
    private static final byte[] OK = "ok".getBytes(StandardCharsets.US_ASCII);
    private static final int FIELDS = 5;

    private Http2Answers() {}

    static void page(Http2Client client, boolean toHead, int status, ErrorPages.Page page, DebugHeaders debug) {
        answer(client, toHead, status, page.contentType(), page.bytes(), debug);
    }

    /** What {@code Host: __ping__} gets. */
    static void pong(Http2Client client, boolean toHead) {
        answer(client, toHead, 200, "text/plain", OK, DebugHeaders.NONE);
    }

    private static void answer(
            Http2Client client, boolean toHead, int status, String contentType, byte[] body, DebugHeaders debug) {
        ResponseBlock block = ResponseBlock.head(status, FIELDS);
        add(block, "content-type", contentType);
        add(block, "cache-control", "no-cache");
        add(block, "pragma", "no-cache");
        add(block, "expires", "-1");
        add(block, "content-length", Integer.toString(body.length));
        debug.forEach((name, value) -> add(block, name, value));
        boolean headOnly = toHead || body.length == 0;
        client.writeHead(block, headOnly);
        if (!headOnly) {
            // shared by all requests, and nobody writes to what is sent
            client.write(Unpooled.wrappedBuffer(body).asReadOnly(), true);
        }
        client.flush();
    }

    private static void add(ResponseBlock block, String name, String value) {
        block.add(AsciiString.cached(name), Http2Relay.latin1(value));
    }
}
