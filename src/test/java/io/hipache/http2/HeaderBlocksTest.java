package io.hipache.http2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hipache.http.Fields;
import io.hipache.http.Framing;
import io.hipache.http.MalformedMessage;
import io.hipache.http.RequestHead;
import io.hipache.http.Version;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * In the tables, {@code |} separates fields and {@code =} separates name and value. {@code ^} stands for CR, {@code ~}
 * for LF.
 */
class HeaderBlocksTest {
    private static final String GET = ":method=GET|:scheme=https|:path=/|:authority=a.example";

    @Test
    void readsTheHeadThatHttp11WouldHaveHad() {
        RequestHead head = head(GET.replace(":path=/", ":path=/x?{y}") + "|accept=*/*|te=trailers", true);

        assertThat(head.line()).isEqualTo("GET /x?{y} HTTP/2.0");
        assertThat(head.version()).isEqualTo(Version.HTTP_2_0);
        assertThat(lines(head.fields())).isEqualTo("host: a.example|accept: */*|te: trailers|");
        assertThat(head.framing().kind()).isEqualTo(Framing.Kind.NONE);
        assertThat(head.keepsAlive()).isTrue();
    }

    /**
     * What the client says about its body, whether the stream ends with the head, and which framing the backend gets.
     */
    @ParameterizedTest
    @CsvSource({
        "x=1, true, NONE, host: a.example|x: 1|",
        "x=1, false, CHUNKED, host: a.example|x: 1|transfer-encoding: chunked|",
        "content-length=4, false, LENGTH, host: a.example|content-length: 4|",
        "content-length=0, true, LENGTH, host: a.example|content-length: 0|",
    })
    void framesTheBodyAsHttp11Must(String field, boolean endStream, Framing.Kind kind, String lines) {
        RequestHead head = head(GET + "|" + field, endStream);

        assertThat(head.framing().kind()).isEqualTo(kind);
        assertThat(lines(head.fields())).isEqualTo(lines);
    }

    @ParameterizedTest
    @CsvSource({
        "cookie=a=1|x=1|cookie=b=2|cookie=c=3, host: a.example|x: 1|cookie: a=1; b=2; c=3|",
        "cookie=a=1, host: a.example|cookie: a=1|",
        "cookie=a=1|cookie=, host: a.example|cookie: a=1|",
        "cookie=|cookie=a=1|cookie=|cookie=b=2, host: a.example|cookie: a=1; b=2|",
        "host=A.example|x=1, host: a.example|x: 1|",
        "x=1|x=2, host: a.example|x: 1|x: 2|",
        "x=, host: a.example|x: |",
    })
    void makesOneFieldOfSome(String fields, String lines) {
        assertThat(lines(head(GET + "|" + fields, true).fields())).isEqualTo(lines);
    }

    @Test
    void keepsMoreFieldsThanMostRequestsHave() {
        StringBuilder block = new StringBuilder(GET);
        StringBuilder lines = new StringBuilder("host: a.example|");
        for (int i = 0; i < 100; i++) {
            block.append("|name-").append(i).append("=value ").append(i);
            lines.append("name-").append(i).append(": value ").append(i).append('|');
        }

        assertThat(lines(head(block.toString(), true).fields())).isEqualTo(lines.toString());
    }

    @ParameterizedTest
    @CsvSource({
        ":method=OPTIONS|:scheme=https|:path=*|:authority=a, OPTIONS * HTTP/2.0",
        ":method=GET|:scheme=http|:path=/|host=a, GET / HTTP/2.0",
        ":method=GET|:scheme=https|:path=/, GET / HTTP/2.0",
        ":method=CONNECT|:authority=a:443, CONNECT a:443 HTTP/2.0",
        ":method=CONNECT|:protocol=websocket|:scheme=https|:path=/|:authority=a, CONNECT / HTTP/2.0",
    })
    void takesTheOtherForms(String block, String line) {
        assertThat(head(block, true).line()).isEqualTo(line);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // pseudo-header fields that are missing, repeated, unknown or useless
                ":scheme=https|:path=/|:authority=a",
                ":method=GET|:path=/|:authority=a",
                ":method=GET|:scheme=https|:authority=a",
                ":method=GET|:scheme=https|:path=|:authority=a",
                ":method=GET|:scheme=https|:path=x|:authority=a",
                ":method=GET|:scheme=https|:path=*|:authority=a",
                ":method=GET|:scheme=https|:path=https://a/|:authority=a",
                ":method=GET|:scheme=ftp|:path=/|:authority=a",
                ":method=GET|:scheme=https|:path=/|:authority=",
                ":method=GET|:scheme=https|:path=/|:authority=u@a",
                ":method=|:scheme=https|:path=/|:authority=a",
                ":method=GET|:method=GET|:scheme=https|:path=/|:authority=a",
                ":method=GET|:scheme=https|:path=/|:path=/|:authority=a",
                ":method=GET|:scheme=https|:path=/|:authority=a|:authority=a",
                ":method=GET|:scheme=https|:path=/|:authority=a|:status=200",
                ":method=GET|:scheme=https|:path=/|:authority=a|:x=1",
                ":method=GET|:scheme=https|:path=/|:authority=a|:=1",
                ":method=GET|:protocol=websocket|:scheme=https|:path=/|:authority=a",
                ":method=CONNECT|:scheme=https|:path=/|:authority=a",
                ":method=CONNECT|host=a",
                // bytes that would end a line, or a part of a line
                ":method=GET /|:scheme=https|:path=/|:authority=a",
                ":method=GET~|:scheme=https|:path=/|:authority=a",
                ":method=GET|:scheme=https|:path=/ x|:authority=a",
                ":method=GET|:scheme=https|:path=/~x|:authority=a",
                ":method=GET|:scheme=https|:path=/|:authority=a~x: y",
                "x=1~y: 2",
                "x=1^",
                "x=1\0",
                "x~y=1",
                "x: y=1",
                "x =1",
                " x=1",
                "x= 1",
                "x=1 ",
                "x=1\t",
                "x=\u007f",
                "X=1",
                "xY=1",
                "=1",
                // fields that concern a connection, and wrong lengths
                "connection=close",
                "keep-alive=1",
                "proxy-connection=keep-alive",
                "transfer-encoding=chunked",
                "upgrade=h2c",
                "te=gzip",
                "te=trailers, gzip",
                "host=b.example",
                "host=a.example|host=b.example",
                "content-length=",
                "content-length=+1",
                "content-length=1, 1",
                "content-length=1|content-length=1",
            })
    void refusesWhatIsMalformed(String block) {
        String all = block.startsWith(":") ? block : GET + "|" + block;

        assertThatThrownBy(() -> head(all, false)).isInstanceOf(MalformedMessage.class);
    }

    @Test
    void readsTrailers() {
        assertThat(lines(HeaderBlocks.trailers(block("x-sum=1|x-more=2")).trailers()))
                .isEqualTo("x-sum: 1|x-more: 2|");
    }

    @ParameterizedTest
    @ValueSource(strings = {":path=/", "X=1", "x=1~", "transfer-encoding=chunked", "connection=x"})
    void refusesTrailersThatAreMalformed(String trailers) {
        assertThatThrownBy(() -> HeaderBlocks.trailers(block(trailers))).isInstanceOf(MalformedMessage.class);
    }

    private static RequestHead head(String fields, boolean endStream) {
        return HeaderBlocks.request(block(fields), endStream);
    }

    private static Http2Headers block(String fields) {
        Http2Headers headers = new DefaultHttp2Headers(false);
        for (String field : fields.replace('^', '\r').replace('~', '\n').split("\\|", -1)) {
            int equals = field.indexOf('=');
            headers.add(new AsciiString(field.substring(0, equals)), new AsciiString(field.substring(equals + 1)));
        }
        return headers;
    }

    private static String lines(Fields fields) {
        ByteBuf out = Unpooled.buffer();
        for (int i = 0; i < fields.size(); i++) {
            fields.writeTo(out, i);
        }
        return out.toString(StandardCharsets.ISO_8859_1).replace("\r\n", "|");
    }
}
