package io.hipache.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.http.Line.Next;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes that are sent without end do not accumulate without end. */
class LimitsTest {
    private static final String POST = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";

    @ParameterizedTest
    @ValueSource(ints = {1, 1000, Integer.MAX_VALUE})
    void takesARequestHeadOfTheLongestLengthAndNotOneByteMore(int piece) {
        String longest = "GET / HTTP/1.1\r\nA: " + "x".repeat(RequestDecoder.LONGEST_HEAD - 23) + "\r\n\r\n";
        String longer = longest.replace("A: ", "A: x");

        assertThat(requests(longest, piece)).singleElement().asString().startsWith("GET / HTTP/1.1 {A: x");
        assertThat(requests(longer, piece)).containsExactly("431 head too large");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1000, Integer.MAX_VALUE})
    void takesAResponseHeadOfTheLongestLengthAndNotOneByteMore(int piece) {
        String longest = "HTTP/1.1 204 \r\nA: " + "x".repeat(ResponseDecoder.LONGEST_HEAD - 22) + "\r\n\r\n";
        String longer = longest.replace("A: ", "A: x");

        assertThat(response(longest, piece)).hasSize(2).element(1).isEqualTo("end");
        assertThat(response(longer, piece)).containsExactly("431 head too large");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1000, Integer.MAX_VALUE})
    void takesAHundredInterimHeadsAndNotOneMore(int piece) {
        String most = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(100);
        String last = "HTTP/1.1 204 \r\n\r\n";

        assertThat(response(most + last, piece)).hasSize(102).endsWith("HTTP/1.1 204 ", "end");
        assertThat(response(most + "HTTP/1.1 100 \r\n\r\n" + last, piece))
                .hasSize(101)
                .endsWith("400 too many interim responses");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1000, Integer.MAX_VALUE})
    void takesInterimHeadsAsLongAsOneHeadAndNotOneByteMore(int piece) {
        String half = "HTTP/1.1 103 \r\nA: " + "x".repeat(ResponseDecoder.LONGEST_HEAD / 2 - 22) + "\r\n\r\n";
        String longest = "HTTP/1.1 204 \r\nA: " + "x".repeat(ResponseDecoder.LONGEST_HEAD - 22) + "\r\n\r\n";

        assertThat(response(half + half + longest, piece)).hasSize(4).endsWith("end");
        assertThat(response(half + half.replace("A: ", "A: x") + longest, piece))
                .hasSize(2)
                .endsWith("400 too many interim responses");
    }

    @ParameterizedTest
    @MethodSource
    void refusesWhatDoesNotEnd(Message message) {
        for (int piece : new int[] {1, 1000, Integer.MAX_VALUE}) {
            assertThat(requests(message.bytes(), piece)).isEqualTo(message.decoded());
        }
    }

    static Stream<Message> refusesWhatDoesNotEnd() {
        String long33 = "x".repeat(33 * 1024);
        String posted = "POST / HTTP/1.1 {Transfer-Encoding: chunked}";
        return Stream.of(
                Message.row("a method", long33, "431 head too large"),
                Message.row("a target", "GET /" + long33, "431 head too large"),
                Message.row("a value", "GET / HTTP/1.1\r\nA: " + long33, "431 head too large"),
                Message.row("fields", "GET / HTTP/1.1\r\n" + "a:\n".repeat(11 * 1024), "431 head too large"),
                Message.row("a chunk size", POST + "0".repeat(2000), posted, "400 chunk size line too long"),
                Message.row("a chunk extension", POST + "1;" + long33, posted, "400 chunk size line too long"),
                Message.row("a trailer", POST + "0\r\nT: " + long33, posted, "431 head too large"),
                Message.row("trailers", POST + "0\r\n" + "a:\r\n".repeat(10_000), posted, "431 head too large"));
    }

    @Test
    void takesAChunkExtensionOfTheLongestLengthAndNotOneByteMore() {
        String posted = "POST / HTTP/1.1 {Transfer-Encoding: chunked}";
        String longest = POST + "1;" + "x".repeat(1021) + "\r\na\r\n0\r\n\r\n";
        String longer = longest.replace("1;", "1;x");

        for (int piece : new int[] {1, 1000, Integer.MAX_VALUE}) {
            assertThat(requests(longest, piece)).containsExactly(posted, "body a", "end");
            assertThat(requests(longer, piece)).containsExactly(posted, "400 chunk size line too long");
        }
    }

    @Test
    void keepsNothingOfEmptyLinesBeforeARequest() {
        RequestDecoder decoder = new RequestDecoder();

        try (Line line = new Line(decoder, () -> {})) {
            for (int i = 0; i < 1000; i++) {
                line.receive("\r\n\n\r\n");
            }

            assertThat(line.allocated()).isZero();
            assertThat(line.lines()).isEmpty();
        }
    }

    @Test
    void keepsNothingOfABodyThatItHasPassedOn() {
        List<String> unread = new ArrayList<>();

        try (Line line = new Line(new RequestDecoder(), () -> {})) {
            line.receive(POST);
            line.lines();
            for (int i = 0; i < 1000; i++) {
                line.receive("1;ext\r\nx\r\n");
                unread.addAll(line.lines());

                assertThat(line.allocated()).isZero();
            }
        }

        assertThat(unread).hasSize(1000);
    }

    @Test
    void takesManyFields() {
        String head = "GET / HTTP/1.1\r\n" + "a:\n".repeat(1000) + "\n";

        assertThat(requests(head, Integer.MAX_VALUE)).containsExactly("GET / HTTP/1.1" + " {a: }".repeat(1000));
    }

    private static List<String> requests(String bytes, int piece) {
        return Line.requests(Next.AT_ONCE, pieces(bytes, piece));
    }

    private static List<String> response(String bytes, int piece) {
        return Line.response(false, pieces(bytes, piece));
    }

    private static List<byte[]> pieces(String bytes, int piece) {
        return piece == Integer.MAX_VALUE ? Pieces.whole(bytes) : Pieces.of(piece, Pieces.bytes(bytes));
    }
}
