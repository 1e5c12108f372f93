package io.hipache.proxy.exchange.head;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.http.Fields;
import io.hipache.proxy.Heads;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ConnectionOptionsTest {

    @Test
    void namesNothingForTheUsualValues() {
        assertThat(namedBy("Host: h")).isEmpty();
        assertThat(namedBy("Connection: keep-alive")).isEmpty();
        assertThat(namedBy("Connection: Close")).isEmpty();
    }

    @Test
    void namesWhatAllListsHold() {
        assertThat(namedBy("Connection: X-One , close|Host: h|connection:x-TWO"))
                .containsExactlyInAnyOrder("x-one", "close", "x-two");
    }

    @Test
    void recognisesTheNamedFieldsInAnyCase() {
        Fields fields =
                Heads.request("GET / HTTP/1.1|X-ONE: 1|x-on: 2|X-Two: 3").fields();
        Set<String> named = Set.of("x-one", "x-two");

        assertThat(ConnectionOptions.names(named, fields, 0)).isTrue();
        assertThat(ConnectionOptions.names(named, fields, 1)).isFalse();
        assertThat(ConnectionOptions.names(named, fields, 2)).isTrue();
    }

    private static Set<String> namedBy(String fields) {
        return ConnectionOptions.namedBy(
                Heads.request("GET / HTTP/1.1|" + fields).fields());
    }
}
