package io.hipache.proxy.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.http.HeadWriter;
import io.hipache.outcome.EndReason;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.proxy.Heads;
import io.hipache.testing.ExchangeEnds;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DebugHeadersTest {
    private final ClientIdentity nobody = new ClientIdentity("::1", false, false, false, 80, "[::1]:80");

    @Test
    void sayNothingUnasked() {
        assertThat(written(DebugHeaders.NONE)).isEmpty();
    }

    @Test
    void tellOfTheBackendThatWasChosen() {
        DebugHeaders headers = new DebugHeaders("1.0", null, end("site", 12_999_999, 3_000_000));

        assertThat(written(headers))
                .isEqualTo(Heads.lines("x-debug-version-hipache: 1.0|"
                        + "x-debug-request-id: 0190163d-8694-739b-aea5-966c26f8ad91|x-debug-backend-url: http://b:81/|"
                        + "x-debug-backend-id: 1|x-debug-vhost: site|x-debug-frontend-key: www.example.com|"
                        + "x-debug-time-total: 12|x-debug-time-backend: 3|"));
    }

    @Test
    void tellOfAnErrorWithoutABackend() {
        DebugHeaders headers = new DebugHeaders(
                "1.0", "frontend not found", UnreadableRequest.end(nobody, "", 400, EndReason.NO_FRONTEND, 0, 0));

        assertThat(written(headers))
                .isEqualTo(
                        "x-debug-error: frontend not found\r\nx-debug-reason: no_frontend\r\nx-debug-version-hipache: 1.0\r\n");
    }

    @Test
    void keepALineBreakInAnIdentifierFromBecomingAHeader() {
        DebugHeaders headers = new DebugHeaders("1.0", null, end("a\r\nSet-Cookie: b\u0000\u007f", 0, 0));

        assertThat(written(headers)).contains("x-debug-vhost: a  Set-Cookie: b  \r\n");
    }

    private static ExchangeEnd end(String virtualHost, long totalNanos, long backendNanos) {
        return ExchangeEnds.answered("::1", 0, "GET / HTTP/1.1", 200, 0, "", "", virtualHost, totalNanos, backendNanos);
    }

    private static String written(DebugHeaders headers) {
        ByteBuf out = Unpooled.buffer();
        headers.forEach((name, value) -> HeadWriter.field(out, name, value));
        return out.toString(StandardCharsets.ISO_8859_1);
    }
}
