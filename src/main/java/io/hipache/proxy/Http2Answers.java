package io.hipache.proxy;

import io.hipache.http2.ResponseBlock;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;

/** The answers that do not come from a backend, for streams of HTTP/2; {@link Answers} has those of HTTP/1.1. */
final class Http2Answers {
    private static final int FIELDS = 5;

    private Http2Answers() {}

    /** See {@link Client#page}. */
    static void page(Http2Client client, boolean toHead, int status, ErrorPages.Page page, DebugHeaders debug) {
        ResponseBlock block = ResponseBlock.head(status, FIELDS);
        page.forEachField((name, value) -> add(block, name, value));
        debug.forEach((name, value) -> add(block, name, value));
        boolean headOnly = toHead || page.bytes().length == 0;
        client.writeHead(block, headOnly);
        if (!headOnly) {
            // shared by all requests, and nobody writes to what is sent
            client.write(Unpooled.wrappedBuffer(page.bytes()).asReadOnly(), true);
        }
        client.flush();
    }

    private static void add(ResponseBlock block, String name, String value) {
        block.add(AsciiString.cached(name), Http2Relay.latin1(value));
    }
}
