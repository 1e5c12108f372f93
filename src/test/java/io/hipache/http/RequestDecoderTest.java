package io.hipache.http;

import static io.hipache.http.Message.row;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.http.Line.Next;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a request may look like. The bytes of every row arrive in every way, and the next request is asked for at every
 * time.
 */
class RequestDecoderTest {
    private static final String POST = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String POSTED = "POST / HTTP/1.1 {Transfer-Encoding: chunked}";

    @ParameterizedTest
    @MethodSource
    void takes(Message message) {
        assertEveryWay(message);
    }

    static Stream<Message> takes() {
        return Stream.of(
                row("no body", "GET /a?b HTTP/1.1\r\nHost: h\r\n\r\n", "GET /a?b HTTP/1.1 {Host: h}"),
                row("no field", "GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.0"),
                row("a later minor version", "GET / HTTP/1.9\r\n\r\n", "GET / HTTP/1.9"),
                row("bare line feeds", "GET / HTTP/1.1\nHost: h\n\n", "GET / HTTP/1.1 {Host: h}"),
                row("a bare line feed, then CRLF", "GET / HTTP/1.1\nHost: h\r\n\r\n", "GET / HTTP/1.1 {Host: h}"),
                row("a bare line feed at the end", "GET / HTTP/1.1\r\nHost: h\r\n\n", "GET / HTTP/1.1 {Host: h}"),
                row("CRLF behind a bare line feed", "GET / HTTP/1.1\r\nHost: h\n\r\n", "GET / HTTP/1.1 {Host: h}"),
                row("empty lines before it", "\r\n\n\r\n\nGET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1"),
                row("nothing but empty lines", "\r\n\n\r\n"),
                row("any token as method", "!#$%&'*+-.^_`|~aZ09 / HTTP/1.1\r\n\r\n", "!#$%&'*+-.^_`|~aZ09 / HTTP/1.1"),
                row("absolute-form", "GET http://h:1/p HTTP/1.1\r\n\r\n", "GET http://h:1/p HTTP/1.1"),
                row("asterisk-form", "OPTIONS * HTTP/1.1\r\n\r\n", "OPTIONS * HTTP/1.1"),
                row(
                        "target bytes of real clients",
                        "GET /{}|\\^\"`<>%zz~\u00e9\u00ff HTTP/1.1\r\n\r\n",
                        "GET /{}|\\^\"`<>%zz~\u00e9\u00ff HTTP/1.1"),
                row(
                        "order, case and duplicates",
                        "GET / HTTP/1.1\r\nb: 1\r\nA: 2\r\nB: 3\r\nb: 1\r\n\r\n",
                        "GET / HTTP/1.1 {b: 1} {A: 2} {B: 3} {b: 1}"),
                row("no space behind a colon", "GET / HTTP/1.1\r\nA:b\r\n\r\n", "GET / HTTP/1.1 {A: b}"),
                row(
                        "white space around a value",
                        "GET / HTTP/1.1\r\nA: \t b\t c \t\r\n\r\n",
                        "GET / HTTP/1.1 {A: b\t c}"),
                row("empty values", "GET / HTTP/1.1\r\nA:\r\nB: \t\r\n\r\n", "GET / HTTP/1.1 {A: } {B: }"),
                row(
                        "bytes above 127 in a value",
                        "GET / HTTP/1.1\r\nA: \u0080\u00ff\r\n\r\n",
                        "GET / HTTP/1.1 {A: \u0080\u00ff}"),
                row("colons in a value", "GET / HTTP/1.1\r\nA: b:c:\r\n\r\n", "GET / HTTP/1.1 {A: b:c:}"),
                row(
                        "a length",
                        "PUT / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab\r\nc",
                        "PUT / HTTP/1.1 {Content-Length: 5}",
                        "body ab\r\nc",
                        "end"),
                row(
                        "a length in HTTP/1.0, in capitals",
                        "PUT / HTTP/1.0\r\nCONTENT-LENGTH:\t3\t\r\n\r\nabc",
                        "PUT / HTTP/1.0 {CONTENT-LENGTH: 3}",
                        "body abc",
                        "end"),
                row(
                        "a length of 0",
                        "PUT / HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
                        "PUT / HTTP/1.1 {Content-Length: 0}"),
                row(
                        "a body shorter than its length",
                        "PUT / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabcd",
                        "PUT / HTTP/1.1 {Content-Length: 5}",
                        "body abcd"),
                row("chunks", POST + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", POSTED, "body abcde", "end"),
                row(
                        "chunks and trailers",
                        POST + "1\r\na\r\n0\r\nT: v\r\nU:\r\n\r\n",
                        POSTED,
                        "body a",
                        "end {T: v} {U: }"),
                row("no chunk but the last", POST + "0\r\n\r\n", POSTED, "end"),
                row(
                        "chunked in any case",
                        "POST / HTTP/1.1\r\ntransfer-encoding: CHUNKED\r\n\r\n0\r\n\r\n",
                        "POST / HTTP/1.1 {transfer-encoding: CHUNKED}",
                        "end"),
                row("half a head", "GET / HTTP/1.1\r\nHost: h\r\n"),
                row(
                        "requests in a row",
                        "GET /1 HTTP/1.1\r\n\r\n" + POST + "1\r\na\r\n0\r\n\r\n"
                                + "\r\nPUT /3 HTTP/1.1\r\nContent-Length: 1\r\n\r\nb\nGET /4 HTTP/1.1\r\n\r\nGET",
                        "GET /1 HTTP/1.1",
                        POSTED,
                        "body a",
                        "end",
                        "PUT /3 HTTP/1.1 {Content-Length: 1}",
                        "body b",
                        "end",
                        "GET /4 HTTP/1.1"));
    }

    @ParameterizedTest
    @MethodSource
    void refusesARequestLineWith(Message message) {
        assertEveryWay(message);
    }

    static Stream<Message> refusesARequestLineWith() {
        return Stream.of(
                        row("a space before it", " GET / HTTP/1.1"),
                        row("no method", "/ HTTP/1.1"),
                        row("a method that is no token", "G@T / HTTP/1.1"),
                        row("no target", "GET HTTP/1.1"),
                        row("two spaces before the target", "GET  / HTTP/1.1"),
                        row("two spaces behind the target", "GET /  HTTP/1.1"),
                        row("tabs", "GET\t/\tHTTP/1.1"),
                        row("a space in the target", "GET /a b HTTP/1.1"),
                        row("a NUL in the target", "GET /\0 HTTP/1.1"),
                        row("a DEL in the target", "GET /\u007f HTTP/1.1"),
                        row("a bare CR in the target", "GET /\rX HTTP/1.1"),
                        row("a bare CR behind it", "GET / HTTP/1.1\r"),
                        row("a space behind it", "GET / HTTP/1.1 "),
                        row("no version", "GET /"),
                        row("half a version", "GET / HTTP/1."),
                        row("a letter in the version", "GET / HTTP/1.x"),
                        row("two digits in the version", "GET / HTTP/1.10"),
                        row("a version in small letters", "GET / http/1.1"),
                        row("HTTP/0.9", "GET / HTTP/0.9"),
                        row("the preface of HTTP/2", "PRI * HTTP/2.0"),
                        row("a bare CR before it", "\rGET / HTTP/1.1"),
                        row("half an empty line before it", "\r\n\r\rGET / HTTP/1.1"))
                .map(line -> row(line.sentence(), line.bytes() + "\r\nHost: h\r\n\r\n", "400 malformed request line"));
    }

    @ParameterizedTest
    @MethodSource
    void refusesAtItsFirstByte(Message message) {
        assertEveryWay(message);
    }

    static Stream<Message> refusesAtItsFirstByte() {
        return Stream.of(
                        row("TLS", "\u0016\u0003\u0001"),
                        row("a PROXY header of version 2", "\r\n\r\n\0\r\nQUIT\n"),
                        row("JSON", "{\"a\":1}"),
                        row("a NUL", "\0"),
                        row("a byte above 127", "\u0080"))
                .map(start -> row(start.sentence(), start.bytes(), "400 malformed request line"));
    }

    @ParameterizedTest
    @MethodSource
    void refusesAFieldWith(Message message) {
        assertEveryWay(message);
    }

    static Stream<Message> refusesAFieldWith() {
        return Stream.of(
                        row("a space before its colon", "Host : h"),
                        row("a tab before its colon", "Host\t: h"),
                        row("no colon", "Host"),
                        row("no name", ": h"),
                        row("a space before its name, as the first one", " Host: h"),
                        row("a folded value", "A: b\r\n c"),
                        row("a folded value, by a tab", "A: b\r\n\tc"),
                        row("a folded value, by a bare line feed", "A: b\n c"),
                        row("a line of white space behind it", "A: b\r\n \t"),
                        row("a NUL in its value", "A: b\0c"),
                        row("a NUL in its name", "A\0: b"),
                        row("a bare CR in its value", "A: b\rTransfer-Encoding: chunked"),
                        row("a bare CR at its end", "A: b\r"),
                        row("a bare CR for a value", "A:\r"),
                        row("a bare CR in its name", "A\rB: c"),
                        row("a vertical tab in its value", "A: \u000bb"),
                        row("a form feed before its colon", "A\f: b"),
                        row("a DEL in its value", "A: \u007f"),
                        row("an ESC in its value", "A: \u001b[2J"),
                        row("a parenthesis in its name", "A(b): c"),
                        row("a byte above 127 in its name", "\u00c4: c"),
                        row("a request line in its place", "GET / HTTP/1.1"))
                .map(field -> row(
                        field.sentence(),
                        "GET / HTTP/1.1\r\n" + field.bytes() + "\r\nB: c\r\n\r\n",
                        "400 malformed header field"));
    }

    /**
     * A request whose framing is refused (see {@link FramingTest}) ends with its head. The bytes behind the head are
     * not decoded.
     */
    @ParameterizedTest
    @MethodSource
    void refusesFramingThatTwoParsersCouldReadDifferently(Message message) {
        assertEveryWay(message);
    }

    static Stream<Message> refusesFramingThatTwoParsersCouldReadDifferently() {
        String smuggled = "\r\n\r\n0\r\n\r\nGET /admin HTTP/1.1\r\n\r\n";
        return Stream.of(
                        row(
                                "CL.TE",
                                "Content-Length: 6\r\nTransfer-Encoding: chunked",
                                "400 both transfer-encoding and content-length"),
                        row(
                                "TE.CL",
                                "Transfer-Encoding: chunked\r\nContent-Length: 6",
                                "400 both transfer-encoding and content-length"),
                        row(
                                "TE.TE",
                                "Transfer-Encoding: chunked\r\nTransfer-Encoding: x",
                                "400 more than one transfer-encoding"),
                        row(
                                "TE with a space before its colon",
                                "Transfer-Encoding : chunked",
                                "400 malformed header field"),
                        row(
                                "TE behind a vertical tab",
                                "Transfer-Encoding: \u000bchunked",
                                "400 malformed header field"),
                        row("TE in a folded line", "A: b\r\n Transfer-Encoding: chunked", "400 malformed header field"),
                        row(
                                "two lengths",
                                "Content-Length: 0\r\nContent-Length: 5",
                                "400 more than one content-length"))
                .map(fields -> new Message(
                        fields.sentence(), "POST / HTTP/1.1\r\n" + fields.bytes() + smuggled, fields.decoded()));
    }

    @ParameterizedTest
    @MethodSource
    void refusesInTheMiddleOfABody(Message message) {
        assertEveryWay(message);
    }

    static Stream<Message> refusesInTheMiddleOfABody() {
        return Stream.of(
                row(
                        "a broken chunk",
                        POST + "1\r\na\r\nx\r\nGET / HTTP/1.1\r\n\r\n",
                        POSTED,
                        "body a",
                        "400 malformed chunk size"),
                row("bytes behind a chunk", POST + "1\r\nabc\r\n0\r\n\r\n", POSTED, "body a", "400 malformed chunk"),
                row(
                        "a broken trailer",
                        POST + "1\r\na\r\n0\r\nT : v\r\n\r\nx",
                        POSTED,
                        "body a",
                        "400 malformed header field"));
    }

    @ParameterizedTest
    @MethodSource
    void refusesTheSecondOfTwo(Message message) {
        assertEveryWay(message);
    }

    static Stream<Message> refusesTheSecondOfTwo() {
        return Stream.of(
                row("behind no body", "GET /1 HTTP/1.1\r\n\r\n@", "GET /1 HTTP/1.1", "400 malformed request line"),
                row(
                        "behind a length that is too small",
                        "PUT / HTTP/1.1\r\nContent-Length: 1\r\n\r\na: b\r\n\r\n",
                        "PUT / HTTP/1.1 {Content-Length: 1}",
                        "body a",
                        "end",
                        "400 malformed request line"),
                row("behind chunks", POST + "0\r\n\r\n\0", POSTED, "end", "400 malformed request line"));
    }

    private static void assertEveryWay(Message message) {
        for (List<byte[]> pieces : Pieces.everyWay(Pieces.bytes(message.bytes()))) {
            for (Next next : Next.values()) {
                assertThat(Line.requests(next, pieces))
                        .as(
                                "%s, first piece of %d bytes, next request asked for %s",
                                message, pieces.get(0).length, next)
                        .isEqualTo(message.decoded());
            }
        }
    }
}
