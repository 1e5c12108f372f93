package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.outcome.ExchangeEnd;
import io.hipache.testing.DeadAddress;
import io.hipache.testing.Drip;
import io.hipache.testing.Misbehaviour;
import io.hipache.testing.RawClient;
import io.hipache.testing.ReceivedResponse;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One end for each exchange that had a backend, and what the access log is told with it. */
class AccessLogIT {
    private static final String TRUSTED = "127.0.0.9";

    private TestHipache hipache;

    @BeforeEach
    void start() {
        hipache = TestHipache.with("'trustedProxies': ['" + TRUSTED + "']");
    }

    @AfterEach
    void stop() {
        hipache.close();
    }

    @Test
    void tellsWhoAskedForWhatAndWhatCameOfIt() {
        hipache.backendOf("a.example", Response.status(203).body("hello"));
        long before = System.currentTimeMillis();
        ReceivedResponse response;
        try (RawClient client = hipache.client()) {
            response = client.send("GET /path?q=\u00e9 HTTP/1.1\r\nHost: a.example\r\nReferer: http://r/\r\n"
                            + "User-Agent: \"test\"/1\r\nX-Real-IP: 9.9.9.9\r\n\r\n")
                    .readResponse();
        }

        ExchangeEnd entry = onlyEntry();
        assertThat(entry.clientAddress()).isEqualTo("::ffff:127.0.0.1");
        assertThat(entry.startMillis()).isBetween(before, System.currentTimeMillis());
        assertThat(entry.requestLine()).isEqualTo("GET /path?q=\u00e9 HTTP/1.1");
        assertThat(entry.status()).isEqualTo(203);
        assertThat(entry.bytes()).isEqualTo(response.head().raw().length() + "hello".length());
        assertThat(entry.referer()).isEqualTo("http://r/");
        assertThat(entry.userAgent()).isEqualTo("\"test\"/1");
        assertThat(entry.virtualHost()).isEqualTo("vhost-a.example");
        assertThat(entry.backendNanos()).isPositive().isLessThanOrEqualTo(entry.totalNanos());
    }

    @Test
    void leavesEmptyWhatTheRequestDoesNotSay() {
        hipache.backendOf("*", Response.ok());

        hipache.host("a.example").gets(200);

        assertThat(onlyEntry().referer()).isEmpty();
        assertThat(onlyEntry().userAgent()).isEmpty();
        assertThat(onlyEntry().virtualHost()).isEqualTo("vhost-*");
    }

    @Test
    void believesATrustedProxyWhoseClientItWas() {
        hipache.backendOf("a.example", Response.ok());
        try (RawClient proxy = RawClient.connectFrom(TRUSTED, hipache.port())) {
            proxy.send("GET / HTTP/1.1\r\nHost: a.example\r\nX-Real-IP: 9.9.9.9\r\n\r\n");
            proxy.readResponse();
            proxy.get("a.example", "/").readResponse();
        }

        assertThat(hipache.awaitAccessLog(2))
                .extracting(ExchangeEnd::clientAddress)
                .containsExactly("::ffff:9.9.9.9", "::ffff:" + TRUSTED);
    }

    @Test
    void countsTheBytesOfEachExchangeOfAConnection() {
        hipache.backendOf("a.example", Response.ok("hello"));
        hipache.backendOf("chunks.example", Response.ok().chunked("hel", "lo"));
        try (RawClient client = hipache.client()) {
            ReceivedResponse sized = client.get("a.example", "/").readResponse();
            long sizedBytes = sized.head().raw().length() + 5L;
            client.get("unknown.example", "/").readResponse();
            client.get("a.example", "/").readResponse();
            client.send("HEAD / HTTP/1.1\r\nHost: a.example\r\n\r\n");
            long headBytes = client.readResponseToHead().head().raw().length();
            client.get("chunks.example", "/");
            String chunked = client.readUntil("0\r\n\r\n");

            assertThat(hipache.awaitAccessLog(4))
                    .extracting(ExchangeEnd::bytes)
                    .containsExactly(sizedBytes, sizedBytes, headBytes, (long) chunked.length());
        }
    }

    @Test
    void aRequestWithoutABackendIsToldApart() {
        hipache.backendOf("a.example", Response.ok());
        hipache.host("empty.example").lists();
        try (RawClient client = hipache.client()) {
            client.get("unknown.example", "/").get("__ping__", "/").get("empty.example", "/");
            client.get("a.example", "/last").send("nonsense\r\n\r\n");
            for (int status : new int[] {400, 200, 502, 200, 400}) {
                assertThat(client.readResponse().status()).isEqualTo(status);
            }
        }

        assertThat(onlyEntry().requestLine()).isEqualTo("GET /last HTTP/1.1");
    }

    @Test
    void aFailedBackendLeavesTheLineOfItsPage() {
        hipache.host("a.example").lists(DeadAddress.url());

        ReceivedResponse page = hipache.host("a.example").gets(502);

        ExchangeEnd entry = onlyEntry();
        assertThat(entry.status()).isEqualTo(502);
        assertThat(entry.bytes()).isEqualTo(page.head().raw().length() + page.bodyBytes().length);
        assertThat(entry.virtualHost()).isEqualTo("vhost-a.example");
        assertThat(entry.backendNanos()).isPositive();
    }

    @Test
    void severalAttemptsLeaveOneLine() {
        try (TestBackend broken = TestBackend.start().misbehaves(new Misbehaviour.CloseBeforeHead());
                TestBackend alive = TestBackend.start()) {
            hipache.host("a.example").connects(broken, alive);
            int requests = 0;
            try (RawClient client = hipache.client()) {
                while (broken.requests().isEmpty()) {
                    assertThat(client.get("a.example", "/").readResponse().status())
                            .isEqualTo(200);
                    requests++;
                }
            }

            assertThat(hipache.awaitAccessLog(requests))
                    .hasSize(alive.requests().size());
        }
    }

    @Test
    void aClientThatLeavesLeavesALine() {
        TestBackend backend = hipache.backendOf("a.example", Response.ok());
        backend.misbehaves(new Misbehaviour.Stall());
        try (RawClient client = hipache.client()) {
            client.get("a.example", "/");
            backend.awaitRequest();
        }

        assertThat(onlyEntry().status()).isEqualTo(499);
        assertThat(onlyEntry().bytes()).isZero();
    }

    @Test
    void aBrokenResponseLeavesTheLineOfWhatWasSent() {
        Drip drip = new Drip();
        hipache.backendOf("a.example", Response.ok().from(drip, 10));
        try (RawClient client = hipache.client()) {
            client.get("a.example", "/");
            long head = client.readHead().raw().length();
            drip.send("half");
            client.readBytes(4);
            drip.cut();
            client.expectClosed();

            assertThat(onlyEntry().status()).isEqualTo(200);
            assertThat(onlyEntry().bytes()).isEqualTo(head + 4);
        }
    }

    @Test
    void anAnswerBeforeTheEndOfTheRequestLeavesALineAtOnce() {
        hipache.backendOf("a.example", Response.status(413).early().closing());
        try (RawClient client = hipache.client()) {
            client.send("PUT / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 100\r\n\r\nbegun");
            long bytes = client.readResponse().head().raw().length();

            assertThat(onlyEntry().status()).isEqualTo(413);
            assertThat(onlyEntry().bytes()).isEqualTo(bytes);
        }
    }

    @Test
    void aBodyThatBreaksItsFramingLeavesALine() {
        TestBackend backend = hipache.backendOf("a.example", Response.ok());
        try (RawClient client = hipache.client()) {
            client.send("PUT / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n");
            backend.awaitRequest();
            client.send("nonsense\r\n");

            assertThat(client.readResponse().status()).isEqualTo(400);
            assertThat(onlyEntry().status()).isEqualTo(400);
        }
    }

    private ExchangeEnd onlyEntry() {
        List<ExchangeEnd> entries = hipache.awaitAccessLog(1);
        assertThat(entries).hasSize(1);
        return entries.get(0);
    }
}
