package io.hipache.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.routing.Backend;
import io.hipache.routing.Frontend;
import io.hipache.routing.Route;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DebugHeadersTest {

    @Test
    void sayNothingUnasked() {
        assertThat(written(DebugHeaders.NONE)).isEmpty();
    }

    @Test
    void tellOfTheBackendThatWasChosen() {
        DebugHeaders headers = new DebugHeaders("1.0", null, route("site"), 12_999_999, 3_000_000);

        assertThat(written(headers))
                .isEqualTo(Heads.lines("x-debug-version-hipache: 1.0|x-debug-backend-url: http://b:81/|"
                        + "x-debug-backend-id: 1|x-debug-vhost: site|x-debug-frontend-key: www.example.com|"
                        + "x-debug-time-total: 12|x-debug-time-backend: 3|"));
    }

    @Test
    void tellOfAnErrorWithoutABackend() {
        DebugHeaders headers = new DebugHeaders("1.0", "frontend not found", null, 0, 0);

        assertThat(written(headers)).isEqualTo("x-debug-error: frontend not found\r\nx-debug-version-hipache: 1.0\r\n");
    }

    @Test
    void keepALineBreakInAnIdentifierFromBecomingAHeader() {
        DebugHeaders headers = new DebugHeaders("1.0", null, route("a\r\nSet-Cookie: b\u0000\u007f"), 0, 0);

        assertThat(written(headers)).contains("x-debug-vhost: a  Set-Cookie: b  \r\n");
    }

    private static Route.Chosen route(String virtualHost) {
        Frontend frontend = new Frontend("www.example.com", "*.example.com", virtualHost, 2);
        return new Route.Chosen(new Backend(false, "b", 81), frontend, 1, "http://b:81/");
    }

    private static String written(DebugHeaders headers) {
        ByteBuf out = Unpooled.buffer();
        headers.write(out);
        return out.toString(StandardCharsets.ISO_8859_1);
    }
}
