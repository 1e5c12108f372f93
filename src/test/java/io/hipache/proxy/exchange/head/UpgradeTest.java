package io.hipache.proxy.exchange.head;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.proxy.Heads;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UpgradeTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '>',
            value = {
                "Connection: Upgrade|Upgrade: websocket > websocket",
                "Connection: keep-alive, upgrade|Upgrade: WebSocket > WebSocket",
                "Connection: keep-alive|Connection: UPGRADE|Upgrade: a/1|Upgrade: b, ,c > a/1, b, c",
                "Connection: Upgrade|Upgrade: websocket|Content-Length: 0 > websocket",
                // those that would carry HTTP past us are left out
                "Connection: Upgrade, HTTP2-Settings|Upgrade: h2c, websocket > websocket",
                "Connection: Upgrade|Upgrade: TLS/1.0, HTTP/2.0, H2C, h2, b > b",
            })
    void passesOnWhatTheRequestAsksFor(String fields, String asked) {
        Upgrade upgrade = askedBy("GET / HTTP/1.1|Host: h|" + fields);

        assertThat(upgrade.asked()).isEqualTo(asked);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1|Host: h",
                "GET / HTTP/1.1|Host: h|Upgrade: websocket",
                "GET / HTTP/1.1|Host: h|Connection: Upgrade",
                "GET / HTTP/1.1|Host: h|Connection: Upgrade|Upgrade: ,",
                "GET / HTTP/1.1|Host: h|Connection: Upgrades|Upgrade: websocket",
                "GET / HTTP/1.0|Host: h|Connection: Upgrade|Upgrade: websocket",
                "POST / HTTP/1.1|Host: h|Connection: Upgrade|Upgrade: websocket",
                "HEAD / HTTP/1.1|Host: h|Connection: Upgrade|Upgrade: websocket",
                "GET / HTTP/1.1|Host: h|Connection: Upgrade|Upgrade: websocket|Content-Length: 1",
                "GET / HTTP/1.1|Host: h|Connection: Upgrade|Upgrade: websocket|Transfer-Encoding: chunked",
                "GET / HTTP/1.1|Host: h|Connection: Upgrade, HTTP2-Settings|Upgrade: h2c|HTTP2-Settings: x",
                "GET / HTTP/1.1|Host: h|Connection: Upgrade|Upgrade: TLS/1.0, HTTP/1.1",
            })
    void isNoneWhereNothingIsAskedForThatMayBe(String request) {
        assertThat(Upgrade.askedBy(Heads.request(request))).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '>',
            value = {
                "Upgrade: WEBSOCKET|Connection: Upgrade > true",
                "Upgrade: b|Upgrade: websocket > true",
                "Upgrade: websocket, c > false",
                "Upgrade: c > false",
                "Upgrade: h2c > false",
                "Upgrade: > false",
                "Connection: Upgrade > false",
            })
    void isGrantedByNothingButWhatWasAskedFor(String fields, boolean granted) {
        Upgrade upgrade = askedBy("GET / HTTP/1.1|Host: h|Connection: Upgrade|Upgrade: websocket, b, h2c");

        assertThat(upgrade.isGrantedBy(Heads.response("HTTP/1.1 101 x|" + fields)))
                .isEqualTo(granted);
    }

    @Test
    void comparesLongListsInNoTime() {
        String many = "x,".repeat(15_000) + "websocket";
        Upgrade upgrade = askedBy("GET / HTTP/1.1|Host: h|Connection: Upgrade|Upgrade: " + many);

        assertThat(upgrade.isGrantedBy(Heads.response("HTTP/1.1 101 x|Upgrade: " + many)))
                .isTrue();
    }

    private static Upgrade askedBy(String request) {
        @Nullable Upgrade upgrade = Upgrade.askedBy(Heads.request(request));
        if (upgrade == null) {
            throw new AssertionError("no upgrade: " + request);
        }
        return upgrade;
    }
}
