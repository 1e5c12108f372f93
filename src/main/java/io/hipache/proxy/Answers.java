package io.hipache.proxy;

import io.hipache.http.HeadWriter;
import io.netty.buffer.ByteBuf;

/** The answers that do not come from a backend, for clients of HTTP/1.1. */
final class Answers {
    private Answers() {}

    /** See {@link Client#page}. */
    static void page(
            ClientConnection client,
            boolean toHead,
            int status,
            ErrorPages.Page page,
            boolean keepAlive,
            DebugHeaders debug) {
        ByteBuf out = client.buffer(512 + page.bytes().length);
        HeadWriter.latin1(out, "HTTP/1.1 " + status + ' ' + Reasons.of(status));
        HeadWriter.endLine(out);
        page.forEachField((name, value) -> HeadWriter.field(out, name, value));
        // said in both cases, for HTTP/1.0 takes neither for granted
        HeadWriter.field(out, "connection", keepAlive ? "keep-alive" : "close");
        debug.write(out);
        HeadWriter.endLine(out);
        if (!toHead) {
            out.writeBytes(page.bytes());
        }
        client.write(out);
        client.flush();
    }
}
