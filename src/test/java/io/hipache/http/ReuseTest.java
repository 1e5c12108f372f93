package io.hipache.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One response for each request: what {@link ResponseDecoder} says about the connection, between responses and within
 * them.
 */
class ReuseTest {
    private static final String EMPTY = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    private final ResponseDecoder decoder = new ResponseDecoder();

    @Test
    void refusesBytesBeforeTheFirstRequest() {
        try (Line line = new Line(decoder, () -> {})) {
            line.receive("HTTP/1.1 200 OK\r\n\r\n");

            assertThat(line.lines()).containsExactly("400 bytes without a request");
            assertThat(decoder.isIdle()).isFalse();
        }
    }

    @Test
    void servesOneRequestAfterTheOther() {
        try (Line line = new Line(decoder, () -> {})) {
            decoder.expect(false);
            line.receive("HTTP/1.1 200 A\r\nContent-Length: 1\r\n\r\na");
            decoder.expect(true);
            line.receive("HTTP/1.1 200 B\r\nContent-Length: 1\r\n\r\n");
            decoder.expect(false);
            line.receive("HTTP/1.1 200 C\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");

            assertThat(line.lines())
                    .containsExactly(
                            "HTTP/1.1 200 A {Content-Length: 1}",
                            "body a",
                            "end",
                            "HTTP/1.1 200 B {Content-Length: 1}",
                            "end",
                            "HTTP/1.1 200 C {Transfer-Encoding: chunked}",
                            "end");
            assertThat(decoder.isIdle()).isTrue();
        }
    }

    @Test
    void expectsOneResponseAtATime() {
        decoder.expect(false);

        assertThat(decoder.isIdle()).isFalse();
        assertThatIllegalStateException().isThrownBy(() -> decoder.expect(false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"})
    void isNotIdleAtTheEndOfAResponseThatBytesFollow(String stray) {
        boolean[] idle = {true};

        try (Line line = new Line(decoder, () -> idle[0] = decoder.isIdle())) {
            decoder.expect(false);
            line.receive(EMPTY + stray);

            assertThat(line.lines()).last().isEqualTo("400 bytes without a request");
        }

        assertThat(idle[0]).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                EMPTY,
                "HTTP/1.1 204\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            })
    void isIdleAtTheEndOfAResponse(String response) {
        boolean[] idle = {false};

        try (Line line = new Line(decoder, () -> idle[0] = decoder.isIdle())) {
            decoder.expect(false);
            line.receive(response);
            line.lines();
        }

        assertThat(idle[0]).isTrue();
    }

    @Test
    void saysHowFarTheResponseIs() {
        try (Line line = new Line(decoder, () -> {})) {
            decoder.expect(false);

            assertThat(decoder.begun()).isFalse();

            line.receive("H");

            assertThat(decoder.begun()).isTrue();
            assertThat(decoder.headSeen()).isFalse();

            line.receive("TTP/1.1 100 C\r\n\r\n");

            assertThat(decoder.headSeen()).isFalse();

            line.receive("HTTP/1.1 200 OK\r\n\r\n");

            assertThat(decoder.headSeen()).isTrue();
            assertThat(decoder.endsWithConnection()).isTrue();
            assertThat(line.lines()).hasSize(2);
        }
    }

    @Test
    void startsAfreshWithEveryRequest() {
        try (Line line = new Line(decoder, () -> {})) {
            decoder.expect(false);
            line.receive(EMPTY);
            line.lines();

            decoder.expect(false);

            assertThat(decoder.begun()).isFalse();
            assertThat(decoder.headSeen()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
                "HTTP/1.1 200 OK\r\n",
                EMPTY,
                "nothing"
            })
    void doesNotTakeTheEndOfTheConnectionForTheEndOfABodyThatHasAnother(String bytes) {
        try (Line line = new Line(decoder, () -> {})) {
            decoder.expect(false);
            line.receive(bytes);
            line.lines();

            assertThat(decoder.endsWithConnection()).isFalse();
        }
    }

    @Test
    void leavesWhatFollowsA101ToTheTunnel() {
        try (Line line = new Line(decoder, () -> {})) {
            decoder.expect(false);
            line.receive("HTTP/1.1 101 S\r\nUpgrade: x\r\n\r\nfirst");
            line.receive(" bytes");

            assertThat(line.lines()).containsExactly("HTTP/1.1 101 S {Upgrade: x}");
            assertThat(decoder.isIdle()).isFalse();

            line.channel().pipeline().remove(decoder);

            assertThat(line.lines()).containsExactly("body first bytes");
        }
    }
}
