package io.hipache.proxy.http1;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.http.BodyEnd;
import io.hipache.http.RequestHead;
import io.hipache.http.ResponseHead;
import io.hipache.proxy.Heads;
import io.hipache.proxy.exchange.AddedHeaders;
import io.hipache.upstream.InMemoryChannel;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Http1ResponseWriterTest {
    private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false);
    private final InMemoryChannel channel = new InMemoryChannel(memory);
    private final ClientOutput client = new ClientOutput(channel);
    private final Http1ResponseWriter writer = new Http1ResponseWriter(client);

    @AfterEach
    void leavesNoBufferBehind() {
        channel.finishAndReleaseAll();
        assertThat(memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory())
                .isZero();
    }

    /** Client, what the backend says, what the client gets, whether its connection stays open. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '>',
            value = {
                // a length stays a length
                "GET 1.1 > 200 x|Content-Length: 4 > 200 x|Content-Length: 4||body > true",
                "GET 1.0 > 200 x|Content-Length: 4 > 200 x|Content-Length: 4|Connection: keep-alive||body > true",
                "GET 1.1 > 200 x|Content-Length: 0 > 200 x|Content-Length: 0|| > true",
                // chunks stay chunks, but not for HTTP/1.0
                "GET 1.1 > 200 x|Transfer-Encoding: Chunked > 200 x|Transfer-Encoding: Chunked||4|body|0|| > true",
                "GET 1.0 > 200 x|Transfer-Encoding: chunked > 200 x|Connection: close||body > false",
                // what ends with the connection becomes chunks, but not for HTTP/1.0
                "GET 1.1 > 200 x > 200 x|Transfer-Encoding: chunked||4|body|0|| > true",
                "GET 1.0 > 200 x > 200 x|Connection: close||body > false",
                // a HEAD has the fields of a GET and no body
                "HEAD 1.1 > 200 x|Content-Length: 4 > 200 x|Content-Length: 4|| > true",
                "HEAD 1.1 > 200 x|Transfer-Encoding: chunked > 200 x|Transfer-Encoding: chunked|| > true",
                "HEAD 1.1 > 200 x > 200 x|| > true",
                "HEAD 1.0 > 200 x|Transfer-Encoding: chunked > 200 x|Connection: keep-alive|| > true",
                // 304 likewise
                "GET 1.1 > 304 x|Content-Length: 4|ETag: e > 304 x|Content-Length: 4|ETag: e|| > true",
                "GET 1.1 > 304 x > 304 x|| > true",
                "GET 1.0 > 304 x > 304 x|Connection: keep-alive|| > true",
                // a 426 says to what, where the client can switch
                "GET 1.1 > 426 x|Upgrade: foo|Connection: upgrade|Content-Length: 4"
                        + " > 426 x|Upgrade: foo|Content-Length: 4|Connection: Upgrade||body > true",
                "GET 1.0 > 426 x|Upgrade: foo|Content-Length: 4"
                        + " > 426 x|Content-Length: 4|Connection: keep-alive||body > true",
                // and only HTTP/1.1 has trailers
                "GET 1.1 > 200 x|Trailer: a|Transfer-Encoding: chunked"
                        + " > 200 x|Trailer: a|Transfer-Encoding: chunked||4|body|0|| > true",
                "GET 1.0 > 200 x|Trailer: a|TE: trailers|Transfer-Encoding: chunked"
                        + " > 200 x|Connection: close||body > false",
                // 204 never has a length
                "GET 1.1 > 204 x|Content-Length: 4 > 204 x|| > true",
                "GET 1.1 > 204 x|Transfer-Encoding: chunked > 204 x|| > true",
                "GET 1.0 > 204 x > 204 x|Connection: keep-alive|| > true",
            })
    void framesTheBodyForTheClient(String request, String response, String expected, boolean keepsAlive) {
        String[] methodAndVersion = request.split(" ", 2);
        RequestHead asked = Heads.request(
                methodAndVersion[0] + " / HTTP/" + methodAndVersion[1] + "|Host: h|Connection: keep-alive");
        ResponseHead answered = Heads.response(asked.method(), "HTTP/1.1 " + response);

        boolean kept = writer.begin(asked, answered, true, AddedHeaders.NONE);
        if (!answered.framing().isEmpty()) {
            writer.body(bytes(""));
            writer.body(bytes("body"));
        }
        writer.end(BodyEnd.PLAIN);

        assertThat(sent()).isEqualTo(Heads.lines("HTTP/1.1 " + expected));
        assertThat(kept).isEqualTo(keepsAlive);
    }

    @Test
    void keepsOrderCaseAndDuplicatesAndRemovesWhatConcernsTheBackendsConnection() {
        relay("HTTP/1.0 200 Fine|Set-Cookie: b|X-Hop: 1|set-cookie: a|Connection: close, x-hop|Keep-Alive: 5|"
                + "Upgrade: h2c|Content-Length: 0|Retry-After: 1");

        assertThat(sent())
                .isEqualTo(Heads.lines(
                        "HTTP/1.1 200 Fine|Set-Cookie: b|set-cookie: a|Content-Length: 0|" + "Retry-After: 1||"));
    }

    @Test
    void keepsTheFramingWhateverTheBackendsConnectionNames() {
        relay("HTTP/1.1 200 x|Connection: content-length|Content-Length: 4");

        assertThat(sent()).contains("Content-Length: 4\r\n");
    }

    @Test
    void keepsAnEmptyReason() {
        relay("HTTP/1.1 299|Content-Length: 0");

        assertThat(sent()).startsWith("HTTP/1.1 299 \r\n");
    }

    @Test
    void announcesThatTheConnectionEnds() {
        boolean kept = writer.begin(
                Heads.request("GET / HTTP/1.1|Host: h"),
                Heads.response("HTTP/1.1 200 x|Content-Length: 0"),
                false,
                AddedHeaders.NONE);

        assertThat(kept).isFalse();
        assertThat(sent()).contains("Connection: close\r\n");
    }

    @Test
    void passesTrailersOnBehindChunks() {
        relay("HTTP/1.1 200 x|Transfer-Encoding: chunked|Trailer: X-Sum");

        writer.body(bytes("body"));
        writer.end(new BodyEnd(Heads.request("GET / HTTP/1.1|X-Sum: 1|x-b: 2").fields()));

        assertThat(sent()).endsWith("\r\n4\r\nbody\r\n0\r\nX-Sum: 1\r\nx-b: 2\r\n\r\n");
    }

    @Test
    void passesInterimResponsesOn() {
        writer.interim(
                Heads.request("GET / HTTP/1.1|Host: h"),
                Heads.response("HTTP/1.1 103 Early Hints|Link: a|Connection: close|Content-Length: 1"));

        assertThat(sent()).isEqualTo(Heads.lines("HTTP/1.1 103 Early Hints|Link: a||"));
    }

    @Test
    void passesOnThatTheProtocolIsAnotherFromHere() {
        writer.switching(
                Heads.request("GET / HTTP/1.1|Host: h"),
                Heads.response("HTTP/1.1 101 Go|upgrade: websocket|Connection: upgrade, x-hop|X-Hop: 1|"
                        + "Sec-WebSocket-Accept: a|Content-Length: 1|Transfer-Encoding: chunked"),
                AddedHeaders.NONE);

        assertThat(sent())
                .isEqualTo(Heads.lines(
                        "HTTP/1.1 101 Go|Sec-WebSocket-Accept: a|Connection: Upgrade|upgrade: websocket||"));
    }

    @Test
    void sendsASmallAnswerAsOneBuffer() {
        relay("HTTP/1.1 200 x|Transfer-Encoding: chunked");

        writer.body(bytes("body"));
        writer.end(BodyEnd.PLAIN);
        client.flush();

        assertThat(channel.outboundMessages()).hasSize(1);
        assertThat(channel.sent()).endsWith("\r\n\r\n4\r\nbody\r\n0\r\n\r\n");
    }

    @Test
    void copiesNothingOfABodyThatIsNotSmall() {
        relay("HTTP/1.1 200 x|Content-Length: 2000");
        ByteBuf body = bytes("b".repeat(1996));

        writer.body(body);
        writer.body(bytes("rest"));
        client.flush();

        assertThat(channel.outboundMessages()).hasSize(3).element(1).isSameAs(body);
        assertThat(channel.sent()).endsWith("\r\n\r\n" + "b".repeat(1996) + "rest");
    }

    @Test
    void writesBehindAHeadThatHasGone() {
        relay("HTTP/1.1 200 x|Content-Length: 4");
        client.flush();

        writer.body(bytes("body"));

        assertThat(sent()).endsWith("\r\n\r\nbody");
        assertThat(client.bytesWritten()).isEqualTo("HTTP/1.1 200 x\r\nContent-Length: 4\r\n\r\nbody".length());
    }

    @Test
    void leavesNoHeadBehindWhenTheClientIsCut() {
        relay("HTTP/1.1 200 x|Content-Length: 4");

        client.cut();

        assertThat(channel.isOpen()).isFalse();
        assertThat(channel.sent()).isEmpty();
    }

    private void relay(String response) {
        writer.begin(Heads.request("GET / HTTP/1.1|Host: h"), Heads.response(response), true, AddedHeaders.NONE);
    }

    private String sent() {
        client.flush();
        return channel.sent();
    }

    private ByteBuf bytes(String text) {
        ByteBuf bytes = memory.buffer();
        bytes.writeCharSequence(text, StandardCharsets.US_ASCII);
        return bytes;
    }
}
