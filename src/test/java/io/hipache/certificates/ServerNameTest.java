package io.hipache.certificates;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerNameTest {

    @ParameterizedTest
    @CsvSource({
        "a.example, a.example, *.example",
        "a.b.example, a.b.example, *.b.example",
        "A.Example., a.example, *.example",
        "my_app-1.example, my_app-1.example, *.example",
        "xn--bcher-kva.example, xn--bcher-kva.example, *.example",
        "1.2.3.example, 1.2.3.example, *.2.3.example",
    })
    void isLookedUpExactlyAndWithOneLabelReplaced(String asked, String name, String wildcard) {
        assertThat(ServerName.of(asked)).isEqualTo(new ServerName(name, wildcard));
    }

    @Test
    void hasNoWildcardWithOneLabel() {
        assertThat(ServerName.of("localhost")).isEqualTo(new ServerName("localhost", null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                "a..example",
                ".example",
                "a.example..",
                "*.example",
                "a example",
                "a/b.example",
                "a.example:443",
                "a\u0000.example",
                "b\u00fccher.example",
                "\ufffd\ufffd",
                "a.example\n",
                "[::1]",
                "::1",
                "192.0.2.1",
                "192.0.2.1.",
                "1"
            })
    void isNoneWhenNoCertificateCouldBeForIt(String asked) {
        assertThat(ServerName.of(asked)).isNull();
    }

    @Test
    void isNoneWhenNothingIsAskedFor() {
        assertThat(ServerName.of(null)).isNull();
    }

    @Test
    void isAsLongAsDnsAllows() {
        String label = "a".repeat(63);
        String longest = label + "." + label + "." + label + "." + "a".repeat(61);

        assertThat(ServerName.of(longest)).isNotNull();
        assertThat(ServerName.of(longest + "a")).isNull();
        assertThat(ServerName.of("a".repeat(64) + ".example")).isNull();
        assertThat(ServerName.of("a".repeat(10_000_000))).isNull();
    }
}
