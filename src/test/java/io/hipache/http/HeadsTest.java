package io.hipache.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The questions that {@link RequestHead} and {@link ResponseHead} answer about themselves. */
class HeadsTest {

    @Test
    void aRequestLineComesApart() {
        RequestHead head = Heads.request("gEt http://h/a?b=\u00e9 HTTP/1.0");

        assertThat(head.method()).isEqualTo("gEt");
        assertThat(head.target()).isEqualTo("http://h/a?b=\u00e9");
        assertThat(head.version()).isEqualTo(Version.HTTP_1_0);
        assertThat(head.line()).isEqualTo("gEt http://h/a?b=\u00e9 HTTP/1.0");
    }

    @ParameterizedTest
    @CsvSource({"0, HTTP_1_0", "1, HTTP_1_1", "2, HTTP_1_1", "9, HTTP_1_1"})
    void aLaterMinorVersionCountsAs11(int minor, Version version) {
        assertThat(Heads.request("GET / HTTP/1." + minor).version()).isEqualTo(version);
        assertThat(Heads.response("HTTP/1." + minor + " 200 OK").version()).isEqualTo(version);
    }

    @ParameterizedTest
    @CsvSource({
        "1, X: y,                          true",
        "1, Connection: keep-alive,        true",
        "1, Connection: upgrade,           true",
        "1, Connection: close,             false",
        "1, 'Connection: x, CLOSE',        false",
        "0, X: y,                          false",
        "0, Connection: Keep-Alive,        true",
        "0, Connection: upgrade,           false",
        "0, 'Connection: keep-alive, close', false"
    })
    void aMessageSaysWhetherItsConnectionStaysOpen(int minor, String field, boolean open) {
        RequestHead request = Heads.request("GET / HTTP/1." + minor, field);
        ResponseHead response = Heads.response("HTTP/1." + minor + " 200 OK", field, "Content-Length: 0");

        assertThat(request.keepsAlive()).isEqualTo(open);
        assertThat(response.keepsAlive()).isEqualTo(open);
    }

    @Test
    void aBodyUntilTheEndLeavesNoConnection() {
        ResponseHead response = Heads.response("HTTP/1.1 200 OK", "Connection: keep-alive");

        assertThat(response.keepsAlive()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"100, true", "102, true", "199, true", "101, false", "200, false", "304, false"})
    void anInterimResponseIsA1xxThatSwitchesNothing(int status, boolean interim) {
        assertThat(Heads.response("HTTP/1.1 " + status + " R").isInterim()).isEqualTo(interim);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, true",
        "HEAD, true",
        "OPTIONS, true",
        "TRACE, true",
        "PUT, true",
        "DELETE, true",
        "POST, false",
        "PATCH, false",
        "CONNECT, false",
        "get, false",
        "FOO, false"
    })
    void aMethodMayBeIdempotent(String method, boolean idempotent) {
        assertThat(Heads.request(method + " / HTTP/1.1").isIdempotent()).isEqualTo(idempotent);
    }

    @ParameterizedTest
    @CsvSource({"HEAD, true", "head, false", "GET, false"})
    void headIsWrittenInCapitals(String method, boolean head) {
        assertThat(Heads.request(method + " / HTTP/1.1").isHead()).isEqualTo(head);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 5", "Transfer-Encoding: chunked"})
    void aClientWithABodyMayWaitForA100(String framing) {
        assertThat(Heads.request("PUT / HTTP/1.1", framing, "Expect: 100-Continue")
                        .expectsContinue())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "1, X: y,              Expect: 100-continue",
        "0, Content-Length: 5, Expect: 100-continue",
        "1, Content-Length: 5, X: y",
        "1, Content-Length: 5, Expect: something"
    })
    void aClientDoesNotWaitForA100Otherwise(int minor, String framing, String expect) {
        assertThat(Heads.request("PUT / HTTP/1." + minor, framing, expect).expectsContinue())
                .isFalse();
    }
}
