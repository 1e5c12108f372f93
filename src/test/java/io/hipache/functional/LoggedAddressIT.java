package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.RawClient;
import io.hipache.testing.Response;
import io.hipache.testing.TestHipache;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose address the access log shows, and that log parsers of Hipache's fleets find it spelled as before. */
class LoggedAddressIT {

    @ParameterizedTest
    @CsvSource({
        // the peer, here a trusted one, and what it says of its client
        "'', '', ::ffff:127.0.0.1",
        "'', 192.0.2.7, ::ffff:192.0.2.7",
        "'', ::ffff:192.0.2.7, ::ffff:192.0.2.7",
        "'', 2001:db8::7, 2001:db8::7",
        "'', unknown, unknown",
        "\"'plainIPv4': true\", '', 127.0.0.1",
        "\"'plainIPv4': true\", 192.0.2.7, 192.0.2.7",
        "\"'trustedProxies': []\", 192.0.2.7, ::ffff:127.0.0.1"
    })
    void logsTheClientOfATrustedProxyElseThePeer(String settings, String realIp, String logged) {
        try (TestHipache hipache = TestHipache.with(settings.replace("\"", ""));
                RawClient client = hipache.client()) {
            hipache.backendOf("a.example", Response.ok("hello"));
            String header = realIp.isEmpty() ? "" : "X-Real-IP: " + realIp + "\r\n";

            client.send("GET / HTTP/1.1\r\nHost: a.example\r\n" + header + "\r\n")
                    .readResponse();

            assertThat(hipache.awaitAccessLog(1).get(0).clientAddress()).isEqualTo(logged);
        }
    }
}
