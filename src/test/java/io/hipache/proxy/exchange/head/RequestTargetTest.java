package io.hipache.proxy.exchange.head;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.proxy.Heads;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestTargetTest {

    @ParameterizedTest
    @CsvSource({
        "GET /, /, h",
        "GET /a?b=c, /a?b=c, h",
        "GET //other/x, //other/x, h",
        "GET /{}|\\^`%zz, /{}|\\^`%zz, h",
        "OPTIONS *, *, h",
        "GET http://a, /, a",
        "GET HTTP://A:81/x, /x, A:81",
        "GET https://a/x?y=z, /x?y=z, a",
        "GET http://a?x=/y, /?x=/y, a",
        "GET http://[::1]:80/x, /x, [::1]:80",
        "OPTIONS http://a, *, a",
        "OPTIONS http://a/, /, a",
        "OPTIONS http://a?x, /?x, a",
    })
    void readsOriginFormAndHost(String start, String originForm, String host) {
        RequestTarget target = RequestTarget.of(Heads.request(escaped(start) + " HTTP/1.1\r\nHost: h"));

        assertThat(target.problem()).isNull();
        assertThat(target.originForm()).isEqualTo(escaped(originForm));
        assertThat(target.host()).isEqualTo(host);
    }

    @ParameterizedTest
    @CsvSource({
        "GET h:80",
        "GET ftp://a/",
        "GET http:///x",
        "GET http://u@a/",
        "GET x",
        "GET http:/a",
        "GET *",
        "HEAD *",
        "GET *x",
        "OPTIONS *x",
        "CONNECT a:443"
    })
    void refusesAnyOtherForm(String start) {
        RequestTarget target = RequestTarget.of(Heads.request(start + " HTTP/1.1|Host: h"));

        assertThat(target.problem()).isEqualTo("malformed request target");
    }

    @Test
    void refusesTwoHosts() {
        RequestTarget target = RequestTarget.of(Heads.request("GET / HTTP/1.1|Host: h|host: h"));

        assertThat(target.problem()).isEqualTo("more than one host header");
    }

    @Test
    void hasNoHostWhereNoneIsSaid() {
        assertThat(RequestTarget.of(Heads.request("GET / HTTP/1.0")).host()).isNull();
        assertThat(RequestTarget.of(Heads.request("GET http://a/ HTTP/1.1")).host())
                .as("HTTP/1.1 wants the field as well")
                .isNull();
        assertThat(RequestTarget.of(Heads.request("GET http://a/ HTTP/1.0")).host())
                .isEqualTo("a");
    }

    /** The vertical bar is a line end elsewhere. */
    private static String escaped(String text) {
        return text.replace('|', '!');
    }
}
