package io.hipache.http;

import static io.hipache.http.Message.row;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a response may look like. The bytes of every row arrive in every way. */
class ResponseDecoderTest {
    private static final String EMPTY = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    @ParameterizedTest
    @MethodSource
    void takes(Message message) {
        assertEveryWay(false, message);
    }

    static Stream<Message> takes() {
        return Stream.of(
                row(
                        "a length",
                        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
                        "HTTP/1.1 200 OK {Content-Length: 3}",
                        "body abc",
                        "end"),
                row("a length of 0", EMPTY, "HTTP/1.1 200 OK {Content-Length: 0}", "end"),
                row(
                        "chunks and trailers",
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\nT: v\r\n\r\n",
                        "HTTP/1.1 200 OK {Transfer-Encoding: chunked}",
                        "body abc",
                        "end {T: v}"),
                row(
                        "a body until the end",
                        "HTTP/1.1 200 OK\r\n\r\nabc\r\n\r\n",
                        "HTTP/1.1 200 OK",
                        "body abc\r\n\r\n"),
                row("a body until the end, HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nabc", "HTTP/1.0 200 OK", "body abc"),
                row(
                        "a body that breaks off",
                        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
                        "HTTP/1.1 200 OK {Content-Length: 3}",
                        "body ab"),
                row("no reason", "HTTP/1.1 204 \r\n\r\n", "HTTP/1.1 204 ", "end"),
                row("no reason and no space", "HTTP/1.1 204\r\n\r\n", "HTTP/1.1 204 ", "end"),
                row(
                        "a reason of words, tabs and bytes above 127",
                        "HTTP/1.1 204 a \tb\u00e9 \r\n\r\n",
                        "HTTP/1.1 204 a \tb\u00e9 ",
                        "end"),
                row("bare line feeds", "HTTP/1.1 204 N\nA: b\n\n", "HTTP/1.1 204 N {A: b}", "end"),
                row("white space before a colon", "HTTP/1.1 204 N\r\nA \t: b\r\n\r\n", "HTTP/1.1 204 N {A: b}", "end"),
                row(
                        "white space before the colon of a length",
                        "HTTP/1.1 200 OK\r\nContent-Length : 1\r\n\r\na",
                        "HTTP/1.1 200 OK {Content-Length: 1}",
                        "body a",
                        "end"),
                row(
                        "a status that nobody knows",
                        "HTTP/1.1 999 X\r\nContent-Length: 0\r\n\r\n",
                        "HTTP/1.1 999 X {Content-Length: 0}",
                        "end"),
                row(
                        "304 with the length of what it stands for",
                        "HTTP/1.1 304 N\r\nContent-Length: 9\r\n\r\n",
                        "HTTP/1.1 304 N {Content-Length: 9}",
                        "end"),
                row(
                        "204 with a length",
                        "HTTP/1.1 204 N\r\nContent-Length: 9\r\n\r\n",
                        "HTTP/1.1 204 N {Content-Length: 9}",
                        "end"),
                row(
                        "interim responses before the final one",
                        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: a\r\n\r\n" + EMPTY,
                        "HTTP/1.1 100 Continue",
                        "HTTP/1.1 103 Hints {Link: a}",
                        "HTTP/1.1 200 OK {Content-Length: 0}",
                        "end"),
                row(
                        "a length in an interim response, which has no body",
                        "HTTP/1.1 102 P\r\nContent-Length: 5\r\n\r\n" + EMPTY,
                        "HTTP/1.1 102 P {Content-Length: 5}",
                        "HTTP/1.1 200 OK {Content-Length: 0}",
                        "end"),
                row("half a head", "HTTP/1.1 200 OK\r\nA: b\r\n"));
    }

    @ParameterizedTest
    @MethodSource
    void knowsThatAResponseToHeadHasNoBody(Message message) {
        assertEveryWay(true, message);
    }

    static Stream<Message> knowsThatAResponseToHeadHasNoBody() {
        return Stream.of(
                row(
                        "a length",
                        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n",
                        "HTTP/1.1 200 OK {Content-Length: 3}",
                        "end"),
                row(
                        "chunked",
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                        "HTTP/1.1 200 OK {Transfer-Encoding: chunked}",
                        "end"),
                row("neither", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK", "end"),
                row(
                        "a body in spite of it",
                        "HTTP/1.1 200 OK\r\n\r\na",
                        "HTTP/1.1 200 OK",
                        "end",
                        "400 bytes without a request"));
    }

    @ParameterizedTest
    @MethodSource
    void refuses(Message message) {
        assertEveryWay(false, message);
    }

    static Stream<Message> refuses() {
        return Stream.of(
                row("another protocol", "220 smtp.example ESMTP\r\n", "400 not an HTTP response"),
                row("another protocol, at its first byte", "\u0015", "400 not an HTTP response"),
                row("a request", "GET / HTTP/1.1\r\n\r\n", "400 not an HTTP response"),
                row("an empty line first", "\r\n" + EMPTY, "400 not an HTTP response"),
                row("HTTP/2", "HTTP/2 200 OK\r\n\r\n", "400 not an HTTP response"),
                row("HTTP/0.9", "HTTP/0.9 200 OK\r\n\r\n", "400 not an HTTP response"),
                row("small letters", "http/1.1 200 OK\r\n\r\n", "400 not an HTTP response"),
                row("no minor version", "HTTP/1. 200 OK\r\n\r\n", "400 malformed status line"),
                row("two digits in the version", "HTTP/1.11 200 OK\r\n\r\n", "400 malformed status line"),
                row("no status", "HTTP/1.1\r\n\r\n", "400 malformed status line"),
                row("no status behind the space", "HTTP/1.1 \r\n\r\n", "400 malformed status line"),
                row("two spaces before the status", "HTTP/1.1  200 OK\r\n\r\n", "400 malformed status line"),
                row("a status of two digits", "HTTP/1.1 20 OK\r\n\r\n", "400 malformed status line"),
                row("a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n", "400 malformed status line"),
                row("a status below 100", "HTTP/1.1 099 OK\r\n\r\n", "400 malformed status line"),
                row("a negative status", "HTTP/1.1 -99 OK\r\n\r\n", "400 malformed status line"),
                row("a tab behind the status", "HTTP/1.1 200\tOK\r\n\r\n", "400 malformed status line"),
                row("a bare CR in the reason", "HTTP/1.1 200 O\rK\r\n\r\n", "400 malformed status line"),
                row("a NUL in the reason", "HTTP/1.1 200 O\0K\r\n\r\n", "400 malformed status line"),
                row("a folded line", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", "400 malformed header field"),
                row("a bare CR in a value", "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n", "400 malformed header field"),
                row("a NUL in a value", "HTTP/1.1 200 OK\r\nA: \0\r\n\r\n", "400 malformed header field"),
                row("white space without a name", "HTTP/1.1 200 OK\r\n : b\r\n\r\n", "400 malformed header field"),
                row(
                        "two lengths",
                        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
                        "400 more than one content-length"),
                row(
                        "a length and chunks",
                        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                        "400 both transfer-encoding and content-length"),
                row(
                        "chunks in HTTP/1.0",
                        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                        "400 transfer-encoding in HTTP/1.0"),
                row(
                        "a broken chunk",
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n-1\r\n",
                        "HTTP/1.1 200 OK {Transfer-Encoding: chunked}",
                        "body a",
                        "400 malformed chunk size"),
                row(
                        "a broken head behind an interim one",
                        "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 2xx\r\n\r\n",
                        "HTTP/1.1 100 C",
                        "400 malformed status line"),
                row(
                        "a second response",
                        EMPTY + EMPTY,
                        "HTTP/1.1 200 OK {Content-Length: 0}",
                        "end",
                        "400 bytes without a request"),
                row(
                        "an empty line behind it",
                        EMPTY + "\r\n",
                        "HTTP/1.1 200 OK {Content-Length: 0}",
                        "end",
                        "400 bytes without a request"),
                row(
                        "a body that is longer than its length",
                        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab",
                        "HTTP/1.1 200 OK {Content-Length: 1}",
                        "body a",
                        "end",
                        "400 bytes without a request"),
                row(
                        "a body of 204",
                        "HTTP/1.1 204 N\r\nContent-Length: 1\r\n\r\na",
                        "HTTP/1.1 204 N {Content-Length: 1}",
                        "end",
                        "400 bytes without a request"));
    }

    private static void assertEveryWay(boolean toHead, Message message) {
        for (List<byte[]> pieces : Pieces.everyWay(Pieces.bytes(message.bytes()))) {
            assertThat(Line.response(toHead, pieces))
                    .as("%s, first piece of %d bytes", message, pieces.get(0).length)
                    .isEqualTo(message.decoded());
        }
    }
}
