package io.hipache.proxy.http1;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.outcome.EndReason;
import io.hipache.proxy.Heads;
import io.hipache.proxy.exchange.AddedHeaders;
import io.hipache.proxy.exchange.ClientIdentity;
import io.hipache.proxy.exchange.DebugHeaders;
import io.hipache.proxy.exchange.ErrorPages;
import io.hipache.proxy.exchange.UnreadableRequest;
import io.hipache.upstream.InMemoryChannel;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Http1PagesTest {
    private final InMemoryChannel channel = new InMemoryChannel(new UnpooledByteBufAllocator(false));
    private final Http1ResponseWriter writer = new Http1ResponseWriter(new ClientOutput(channel));

    private final ClientIdentity nobody = new ClientIdentity("::1", false, false, false, 80, "[::1]:80");
    private final Path noPages;

    Http1PagesTest(@TempDir Path noPages) {
        this.noPages = noPages;
    }

    @Test
    void arePagesThatNobodyKeeps() {
        page(400, "frontend not found", false, true, AddedHeaders.NONE);

        assertThat(channel.sent())
                .isEqualTo(Heads.lines("HTTP/1.1 400 Bad Request|content-type: text/plain|cache-control: no-cache|"
                        + "pragma: no-cache|expires: -1|content-length: 18|connection: keep-alive||"
                        + "frontend not found"));
    }

    @Test
    void areNothingButTheHeadForHead() {
        page(502, "Backend timed out", true, true, AddedHeaders.NONE);

        assertThat(channel.sent()).contains("content-length: 17\r\n").endsWith("\r\n\r\n");
    }

    @Test
    void announceThatTheConnectionEnds() {
        page(431, "request head too large", false, false, AddedHeaders.NONE);

        assertThat(channel.sent())
                .startsWith("HTTP/1.1 431 Request Header Fields Too Large\r\n")
                .contains("connection: close\r\n");
    }

    @Test
    void carryTheDebugHeaders() {
        page(
                502,
                "x",
                false,
                true,
                new AddedHeaders(
                        "id-1",
                        new DebugHeaders(
                                "1.0", "x", UnreadableRequest.end(nobody, "", 502, EndReason.STORE_AWAY, 0, 0))));

        assertThat(channel.sent())
                .contains(
                        "x-request-id: id-1\r\nx-debug-error: x\r\nx-debug-reason: store_away\r\nx-debug-version-hipache: 1.0\r\n\r\nx");
    }

    @Test
    void answerAPing() {
        writer.page(false, 200, ErrorPages.PONG, true, AddedHeaders.NONE);

        assertThat(channel.sent())
                .startsWith("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n")
                .contains("cache-control: no-cache\r\n", "content-length: 2\r\n")
                .endsWith("\r\n\r\nok");
    }

    @Test
    void answerAPingByHeadWithoutABody() {
        writer.page(true, 200, ErrorPages.PONG, true, AddedHeaders.NONE);

        assertThat(channel.sent()).contains("content-length: 2\r\n").endsWith("\r\n\r\n");
    }

    private void page(int status, String message, boolean toHead, boolean keepAlive, AddedHeaders added) {
        ErrorPages.Page page = ErrorPages.load(noPages).page(status, message);
        writer.page(toHead, status, page, keepAlive, added);
    }
}
