package io.hipache.proxy.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.http.RequestHead;
import io.hipache.proxy.Clients;
import io.hipache.proxy.Heads;
import io.hipache.proxy.exchange.head.RequestIds;
import io.hipache.proxy.exchange.head.RequestTarget;
import io.hipache.proxy.exchange.head.Upgrade;
import io.hipache.upstream.InMemoryBackends;
import io.hipache.upstream.InMemoryChannel;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.concurrent.Ticker;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OutgoingRequestTest {
    private static final String FORWARDED = "x-forwarded-for: ::ffff:127.0.0.1|x-real-ip: ::ffff:127.0.0.1|"
            + "x-forwarded-protocol: http|x-forwarded-proto: http|x-forwarded-port: 8080|via: 1.1 us||";

    private ProxySettings settings = Settings.usual();
    private RequestIds ids = new RequestIds("", "", false);
    private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false);
    private final ClientIdentity trusted = Clients.identity(new InMemoryChannel(memory));
    private final ClientIdentity stranger = Clients.identity(channel("192.0.2.7"));

    @ParameterizedTest
    @CsvSource(
            delimiter = '>',
            value = {
                // order, case and duplicates stay
                "GET /a?b HTTP/1.1|Host: h|B: 2|a:1|B:   3 > GET /a?b HTTP/1.1|Host: h|B: 2|a: 1|B: 3|",
                // the version is ours
                "GET / HTTP/1.1|Host: h > GET / HTTP/1.1|Host: h|",
                // hop-by-hop fields go
                "GET / HTTP/1.1|Host: h|Connection: close > GET / HTTP/1.1|Host: h|",
                "GET / HTTP/1.1|TE: trailers|Keep-Alive: 5|Host: h > GET / HTTP/1.1|Host: h|",
                "GET / HTTP/1.1|Host: h|Proxy-Connection: x|Upgrade: h2c > GET / HTTP/1.1|Host: h|",
                // but the backend is told of a client that takes trailers, and of nothing else that TE says
                "GET / HTTP/1.1|TE: deflate, trailers|Connection: TE|Host: h > GET / HTTP/1.1|Host: h|+TE",
                "GET / HTTP/1.1|TE: deflate|Connection: TE|Host: h > GET / HTTP/1.1|Host: h|",
                "GET / HTTP/1.0|TE: trailers|Connection: TE|Host: h > GET / HTTP/1.1|Host: h|",
                // a TRACE or OPTIONS has one forward less to go
                "TRACE / HTTP/1.1|Max-Forwards: 10|Host: h > TRACE / HTTP/1.1|Host: h|Max-Forwards: 9|",
                "OPTIONS * HTTP/1.1|Max-Forwards: 5|Max-Forwards: 2|Host: h > OPTIONS * HTTP/1.1|Host: h|Max-Forwards: 1|",
                "OPTIONS * HTTP/1.1|Max-Forwards: 99999999999|Host: h"
                        + " > OPTIONS * HTTP/1.1|Host: h|Max-Forwards: 2147483646|",
                "OPTIONS * HTTP/1.1|Max-Forwards: -1|Host: h > OPTIONS * HTTP/1.1|Max-Forwards: -1|Host: h|",
                "GET / HTTP/1.1|Max-Forwards: 0|Host: h > GET / HTTP/1.1|Max-Forwards: 0|Host: h|",
                // and those that Connection names
                "GET / HTTP/1.1|Connection: X-Hop, User-Agent|x-hop: 1|User-Agent: u|X-Hops: 2|Host: h"
                        + " > GET / HTTP/1.1|X-Hops: 2|Host: h|",
                // but never the framing, nor the host
                "PUT / HTTP/1.1|Connection: content-length, host|Host: h|Content-Length: 3"
                        + " > PUT / HTTP/1.1|Host: h|Content-Length: 3|",
                "PUT / HTTP/1.1|Connection: transfer-encoding|Host: h|Transfer-Encoding: chunked"
                        + " > PUT / HTTP/1.1|Host: h|Transfer-Encoding: chunked|",
                // Expect is for requests with a body, and for HTTP/1.1
                "PUT / HTTP/1.1|Host: h|Content-Length: 3|Expect: 100-continue"
                        + " > PUT / HTTP/1.1|Host: h|Content-Length: 3|Expect: 100-continue|",
                "GET / HTTP/1.1|Host: h|Expect: 100-continue > GET / HTTP/1.1|Host: h|",
                // nothing is left of an upgrade that is none
                "GET / HTTP/1.1|Connection: x|Upgrade: websocket|Sec-WebSocket-Key: k|Sec-WebSocket-Version: 13|Host: h"
                        + " > GET / HTTP/1.1|Host: h|",
                // the authority of an absolute target is the host
                "GET http://a:81/x HTTP/1.1|X: 1|Host: h > GET /x HTTP/1.1|Host: a:81|X: 1|",
            })
    void writesAHeadForTheBackend(String received, String sent) {
        String expected = sent.endsWith("+TE")
                ? sent.replace("+TE", "") + FORWARDED.replace("||", "|TE: trailers|Connection: TE||")
                : sent + FORWARDED;
        // Via names the version that the request came in (RFC 9110, section 7.6.3)
        String via = received.contains("HTTP/1.0") ? "via: 1.0 us" : "via: 1.1 us";
        assertThat(written(received, trusted, true)).isEqualTo(Heads.lines(expected.replace("via: 1.1 us", via)));
    }

    @Test
    void asksForTrailersAlsoWhereConnectionsAreNotKept() {
        assertThat(written("GET / HTTP/1.1|Host: h|TE: trailers|Connection: te", trusted, false))
                .endsWith("TE: trailers\r\nConnection: close, TE\r\n\r\n");
    }

    @Test
    void keepsWhatATrustedProxySaysOfTheClient() {
        String received = "GET / HTTP/1.1|Host: h|X-Forwarded-For: 1.2.3.4|X-Real-IP: 1.2.3.4|"
                + "X-Forwarded-Protocol: https|X-Forwarded-Proto: https|X-Forwarded-Port: 443";

        assertThat(written(received, trusted, true)).isEqualTo(Heads.lines(received + "|via: 1.1 us||"));
    }

    @Test
    void writesTheSameHeadForHttp10() {
        String received = "PUT / HTTP/1.0|Host: h|Content-Length: 3|Expect: 100-continue";

        assertThat(written(received, trusted, true))
                .isEqualTo(Heads.lines("PUT / HTTP/1.1|Host: h|Content-Length: 3|" + FORWARDED)
                        .replace("via: 1.1 us", "via: 1.0 us"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X_Forwarded_For",
                "X_FORWARDED-FOR",
                "x-forwarded_for",
                "X.Forwarded.For",
                "X-Forwarded-Host",
                "X-Forwarded-Server",
                "X-Forwarded-Ssl",
                "X-Forwarded-Scheme",
                "X-Forwarded-Prefix",
                "X-Forwarded-By",
                "X-Forwarded",
                "X_Forwarded_Anything",
                "X_Forwarded_Port",
                "X-ForwardedFor",
                "Forwarded",
                "FORWARDED",
                "Forwarded-For",
                "X_Real_Ip",
                "X_Real-IP",
                "X-Real-Port",
                "Proxy",
                "PROXY",
                "X-Client-IP",
                "X_Client_IP",
                "Client-IP",
                "True-Client-IP",
                "CF-Connecting-IP",
                "CF_Connecting_IP",
                "X-Cluster-Client-Ip",
                "X-Original-URL",
                "X-Original-Host",
                "X_Original_Forwarded_For",
                "X-Rewrite-URL",
                "X-Host",
                "X-Scheme",
                "X-Url-Scheme",
                "Front-End-Https",
                "Remote-Addr",
                "X-Remote-Addr",
                "Remote-User"
            })
    void nobodyButATrustedProxyClaimsAnOriginHoweverTheNameIsSpelled(String name) {
        String received = "GET / HTTP/1.1|Host: h|" + name + ": 1.2.3.4";

        assertThat(written(received, stranger, true)).doesNotContain("1.2.3.4");
        assertThat(written(received + "|Connection: close, " + name, trusted, true))
                .contains("\r\n" + name + ": 1.2.3.4\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Forward", "X-Real-User", "X-Original-Filename", "Proxy-Features", "Proxying", "X-Proxy", "Client",
                "X-Forwarde-For", "Host-Name", "Forward", "Cookie", "Accept", "X-Requested-With", "Remote-Users"
            })
    void passesOnWhatOnlyLooksLikeAnOrigin(String name) {
        assertThat(written("GET / HTTP/1.1|Host: h|" + name + ": 1.2.3.4", stranger, true))
                .contains("\r\n" + name + ": 1.2.3.4\r\n");
    }

    @Test
    void appendsTheTrustedProxyToWhatItSaysWhereAskedTo() {
        settings = Settings.of(true, DebugHeaders.Audience.TRUSTED);
        String received = "GET / HTTP/1.1|Host: h|X-Forwarded-For: 1.2.3.4, 5.6.7.8|A: b|X-Forwarded-For: 9.9.9.9|";

        assertThat(written(received + "X-Forwarded-For:", trusted, true))
                .containsOnlyOnce("forwarded-for")
                .contains("x-forwarded-for: 1.2.3.4, 5.6.7.8, 9.9.9.9, ::ffff:127.0.0.1\r\n");
        assertThat(written("GET / HTTP/1.1|Host: h", trusted, true)).contains("x-forwarded-for: ::ffff:127.0.0.1\r\n");
        assertThat(written(received, stranger, true))
                .containsOnlyOnce("forwarded-for")
                .contains("x-forwarded-for: ::ffff:192.0.2.7\r\n");
    }

    @Test
    void passesXDebugOnWhereTheClientIsAnsweredWithDebugHeaders() {
        String received = "GET / HTTP/1.1|Host: h|X-Debug: 1";

        assertThat(written(received, trusted, true)).contains("X-Debug: 1");
        assertThat(written(received, stranger, true)).doesNotContainIgnoringCase("x-debug");
        settings = Settings.of(false, DebugHeaders.Audience.ALL);
        assertThat(written(received, stranger, true)).contains("X-Debug: 1");
        settings = Settings.of(false, DebugHeaders.Audience.NOBODY);
        assertThat(written(received, trusted, true)).doesNotContainIgnoringCase("x-debug");
    }

    @Test
    void standsBehindOtherProxiesInViaWhateverConnectionNames() {
        assertThat(written("GET / HTTP/1.1|Via: 1.0 a, 1.1 b (c)|Connection: via|Host: h", stranger, true))
                .startsWith(Heads.lines("GET / HTTP/1.1|Via: 1.0 a, 1.1 b (c)|Host: h|"))
                .endsWith(Heads.lines("|via: 1.1 us||"));
    }

    @Test
    void keepsItAlsoWhereConnectionNamesIt() {
        String sent =
                written("GET / HTTP/1.1|Host: h|Connection: x-forwarded-for|X-Forwarded-For: 1.2.3.4", trusted, true);

        assertThat(sent).contains("X-Forwarded-For: 1.2.3.4\r\n");
    }

    @Test
    void replacesWhatAStrangerSaysOfItself() {
        String sent = written(
                "GET / HTTP/1.1|Host: h|X-Forwarded-For: 1.2.3.4|X-Real-IP: 1.2.3.4|X-Forwarded-Port: 1",
                stranger,
                true);

        assertThat(sent)
                .isEqualTo(Heads.lines("GET / HTTP/1.1|Host: h|x-forwarded-for: ::ffff:192.0.2.7|"
                        + "x-real-ip: ::ffff:192.0.2.7|x-forwarded-protocol: http|x-forwarded-proto: http|"
                        + "x-forwarded-port: 8080|via: 1.1 us||"));
    }

    @Test
    void tellsOfTlsAndOfPlainAddresses() {
        ClientIdentity client = Clients.identity(channel("192.0.2.7"), true, true);

        assertThat(written("GET / HTTP/1.1|Host: h", client, true))
                .contains("x-forwarded-for: 192.0.2.7\r\n", "x-forwarded-proto: https\r\n");
    }

    @Test
    void tellsOfIpv6AsItIs() {
        ClientIdentity client = Clients.identity(channel("2001:db8::7"), false, false);

        assertThat(written("GET / HTTP/1.1|Host: h", client, true)).contains("x-forwarded-for: 2001:db8::7\r\n");
    }

    @Test
    void asksTheBackendToCloseWhereConnectionsAreNotKept() {
        assertThat(written("GET / HTTP/1.1|Host: h|Connection: keep-alive", trusted, false))
                .endsWith("Connection: close\r\n\r\n")
                .doesNotContain("keep-alive");
    }

    @Test
    void asksForAnUpgradeWithWhatBelongsToIt() {
        String sent = written(
                "GET / HTTP/1.1|Host: h|Connection: keep-alive, Upgrade|Upgrade: websocket|Sec-WebSocket-Key: k|"
                        + "Sec-WebSocket-Version: 13|Sec-WebSocket-Protocol: p|Sec-WebSocket-Extensions: e|Keep-Alive: 5",
                trusted,
                false);

        assertThat(sent)
                .isEqualTo(Heads.lines("GET / HTTP/1.1|Host: h|Sec-WebSocket-Key: k|Sec-WebSocket-Version: 13|"
                        + "Sec-WebSocket-Protocol: p|Sec-WebSocket-Extensions: e|"
                        + FORWARDED.replace("||", "|Connection: Upgrade|Upgrade: websocket||")));
    }

    @Test
    void passesItsIdOnInsteadOfTheClients() {
        ids = new RequestIds("id-1", "", false);

        assertThat(written(
                        "GET / HTTP/1.1|Host: h|X-Request-Id: forged|traceparent: any|tracestate: a=1", stranger, true))
                .contains("\r\nx-request-id: id-1\r\n")
                .contains("\r\ntraceparent: any\r\ntracestate: a=1\r\n")
                .doesNotContain("forged");
    }

    @Test
    void leavesIdsAloneWhereItHasNone() {
        assertThat(written("GET / HTTP/1.1|Host: h|X-Request-Id: theirs", stranger, true))
                .contains("\r\nX-Request-Id: theirs\r\n");
    }

    @Test
    void replacesAVoidTraceByItsOwn() {
        ids = new RequestIds("", "00-a-b-01", true);

        assertThat(written("GET / HTTP/1.1|Host: h|traceparent: any|tracestate: a=1", trusted, true))
                .contains("\r\ntraceparent: 00-a-b-01\r\n")
                .doesNotContain("any")
                .doesNotContain("tracestate");
    }

    private InMemoryChannel channel(String remote) {
        return new InMemoryChannel(memory, Clients.address(remote), Ticker.systemTicker());
    }

    /** As a connection to a backend writes it. */
    private String written(String lines, ClientIdentity client, boolean keepAlive) {
        RequestHead head = Heads.request(lines);
        OutgoingRequest request =
                new OutgoingRequest(head, RequestTarget.of(head), Upgrade.askedBy(head), client, settings, ids);
        InMemoryBackends backends = new InMemoryBackends(memory);
        return backends.sent(request, keepAlive);
    }
}
