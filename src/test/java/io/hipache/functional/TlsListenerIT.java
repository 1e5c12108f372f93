package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hipache.testing.BigBody;
import io.hipache.testing.Drip;
import io.hipache.testing.RawClient;
import io.hipache.testing.ReceivedRequest;
import io.hipache.testing.ReceivedResponse;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import io.hipache.testing.TestTls;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A listener that speaks TLS serves what a plain one does. */
class TlsListenerIT {
    private static TestHipache hipache;

    @BeforeAll
    static void start() {
        hipache = TestHipache.configured("{'server': {'address': '127.0.0.1', 'port': 1, 'tcpTimeout': 2, 'https': "
                + "{'port': 2, 'key': '" + TestTls.KEY + "', 'cert': '" + TestTls.CERT + "'}}, 'driver': 'REDIS'}");
    }

    @AfterAll
    static void stop() {
        hipache.close();
    }

    @BeforeEach
    void emptyStore() {
        hipache.redis().flush();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void servesOneRequestAfterTheOther(String protocol) {
        TestBackend backend = hipache.backendOf("a.example", Response.ok("hello"));
        try (RawClient client = RawClient.connectTls(tlsPort(), protocol)) {
            assertThat(client.get("a.example", "/1").readResponse().body()).isEqualTo("hello");
            client.get("a.example", "/2").get("unknown.example", "/").get("a.example", "/3");

            assertThat(client.readResponse().body()).isEqualTo("hello");
            assertThat(client.readResponse().status()).isEqualTo(400);
            assertThat(client.readResponse().body()).isEqualTo("hello");
        }

        assertThat(backend.requests()).extracting(ReceivedRequest::target).containsExactly("/1", "/2", "/3");
    }

    @Test
    void tellsTheBackendThatItWasTls() {
        TestBackend backend = hipache.backendOf("a.example", Response.ok());
        try (RawClient client = RawClient.connectTls(tlsPort(), "TLSv1.3")) {
            client.get("a.example", "/").readResponse();
        }

        ReceivedRequest request = backend.awaitRequest();
        assertThat(request.header("x-forwarded-proto")).isEqualTo("https");
        assertThat(request.header("x-forwarded-protocol")).isEqualTo("https");
        assertThat(request.header("x-forwarded-port")).isEqualTo(String.valueOf(tlsPort()));
        assertThat(request.header("x-forwarded-for")).isEqualTo("::ffff:127.0.0.1");
    }

    @Test
    void refusesTls11() {
        String random = "00".repeat(32);
        String hello = "0302" + random + "00" + "0004c009c013" + "0100";
        String handshake = "010000" + byteCount(hello) + hello;
        try (RawClient client = RawClient.connect(tlsPort())) {
            client.send(HexFormat.of().parseHex("16030100" + byteCount(handshake) + handshake));

            // a fatal alert: protocol_version (RFC 8446 section 6.2)
            assertThat(client.readBytes(7)).matches("(?s)\u0015\u0003.\0\u0002\u0002F");
            client.expectClosed();
        }
    }

    @Test
    void passesOnLargeBodies() {
        BigBody body = BigBody.ofMebibytes(16);
        TestBackend backend = hipache.backendOf("a.example", Response.ok("stored"));
        try (RawClient client = RawClient.connectTls(tlsPort(), "TLSv1.3")) {
            client.send("PUT / HTTP/1.1\r\nHost: a.example\r\nContent-Length: " + body.length() + "\r\n\r\n");
            client.send(body);
            assertThat(client.readResponse().body()).isEqualTo("stored");
            assertThat(backend.awaitRequest().digest()).isEqualTo(body.digest());

            backend.answers(Response.ok().chunked(body));
            assertThat(client.get("a.example", "/").readResponse().digest()).isEqualTo(body.digest());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: 9", "g"})
    void tellsWhoSpeaksPlainHttpThatItIsWrong(String bytes) {
        hipache.backendOf("a.example", Response.ok("hello"));
        try (RawClient secure = RawClient.connectTls(tlsPort(), "TLSv1.3");
                RawClient plain = RawClient.connect(tlsPort())) {
            plain.send(bytes);

            ReceivedResponse response = plain.readResponse();
            assertThat(response.status()).isEqualTo(400);
            assertThat(response.header("connection")).isEqualTo("close");
            plain.expectClosed();
            assertThat(secure.get("a.example", "/").readResponse().body()).isEqualTo("hello");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\0\0\0\0\0\0\0\0", "\u0016\u0003\u0001\0\u0005hello", "\u0016\u0003\u0001", "\u0080.\1\0\2", ""
            })
    void whatIsNoTlsCostsItsOwnConnectionOnly(String bytes) {
        hipache.backendOf("a.example", Response.ok("hello"));
        try (RawClient secure = RawClient.connectTls(tlsPort(), "TLSv1.3");
                RawClient plain = RawClient.connect(tlsPort())) {
            if (bytes.isEmpty()) {
                plain.finishSending();
            } else {
                plain.send(bytes).finishSending();
            }

            assertThat(plain.readToEnd()).doesNotContain("HTTP/1.1");
            assertThat(secure.get("a.example", "/").readResponse().body()).isEqualTo("hello");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void refusesAClientThatOffersNoProtocolItSpeaks(String protocol) {
        assertThatThrownBy(() -> RawClient.connectTls(tlsPort(), protocol, "spdy/3", "h3"))
                .rootCause()
                .hasMessageContaining("no_application_protocol");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void servesAClientThatOffersNoneOrOneAmongOthers(String protocol) {
        hipache.backendOf("a.example", Response.ok("hello"));
        try (RawClient none = RawClient.connectTls(tlsPort(), protocol);
                RawClient among = RawClient.connectTls(tlsPort(), protocol, "spdy/3", "http/1.1")) {
            assertThat(none.get("a.example", "/").readResponse().body()).isEqualTo("hello");
            assertThat(among.get("a.example", "/").readResponse().body()).isEqualTo("hello");
        }
    }

    @Test
    void closesAClientThatNeverShakesHands() {
        try (RawClient silent = RawClient.connect(tlsPort())) {
            silent.expectClosed();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aClientStillSendingGetsItsErrorPage(String protocol) {
        BigBody body = BigBody.ofMebibytes(16);
        try (RawClient client = RawClient.connectTls(tlsPort(), protocol)) {
            client.send("POST / HTTP/1.1\r\nHost: unknown.example\r\nContent-Length: " + body.length() + "\r\n\r\n");
            client.send(body);

            assertThat(client.readResponse().status()).isEqualTo(400);
            client.expectClosed();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aResponseThatEndsWithTheConnectionEndsWithAGoodbye(String protocol) {
        hipache.backendOf("a.example", Response.ok().chunked("hello"));
        try (RawClient client = RawClient.connectTls(tlsPort(), protocol)) {
            client.send("GET / HTTP/1.0\r\nHost: a.example\r\n\r\n");

            ReceivedResponse response = client.readResponse();
            assertThat(response.header("content-length")).isNull();
            assertThat(response.body()).isEqualTo("hello");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aBrokenResponseEndsWithoutAGoodbye(String protocol) {
        Drip drip = new Drip();
        hipache.backendOf("a.example", Response.ok().from(drip));
        try (RawClient client = RawClient.connectTls(tlsPort(), protocol)) {
            client.send("GET / HTTP/1.0\r\nHost: a.example\r\n\r\n");
            client.readHead();
            drip.send("half");
            client.readUntil("half");
            drip.cut();

            client.expectReset();
        }
    }

    private static int tlsPort() {
        return hipache.port(1);
    }

    private static String byteCount(String hex) {
        return HexFormat.of().toHexDigits((byte) (hex.length() / 2));
    }
}
