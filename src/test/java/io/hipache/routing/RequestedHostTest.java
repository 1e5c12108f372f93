package io.hipache.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.outcome.EndReason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestedHostTest {

    @ParameterizedTest
    @CsvSource({
        "foo.bar,            foo.bar,    foo.bar",
        "foo.bar:80,         foo.bar,    foo.bar",
        "foo.bar:,           foo.bar,    foo.bar",
        "foo.bar.,           foo.bar,    foo.bar",
        "foo.bar.:8080,      foo.bar,    foo.bar",
        "Foo.BAR.:8080,      foo.bar,    Foo.BAR",
        "[::1]:80,           [::1],      [::1]",
        "[::1],              [::1],      [::1]",
        "[FE80::A],          [fe80::a],  [FE80::A]",
        "1.2.3.4:80,         1.2.3.4,    1.2.3.4",
        "a_b-c.*.d:1,        a_b-c.*.d,  a_b-c.*.d",
        "*,                  *,          *",
        "__ping,             __ping,     __ping"
    })
    void isTheHostWithoutPortTrailingDotAndCase(String header, String host, String written) {
        assertThat(RequestedHost.of(header)).isEqualTo(new RequestedHost.Name(host, written));
    }

    @ParameterizedTest
    @ValueSource(strings = {"__ready__", "__ready__:80", "__READY__"})
    void asksWhetherTheProxyIsReady(String header) {
        assertThat(RequestedHost.of(header)).isEqualTo(new RequestedHost.Ready());
    }

    @ParameterizedTest
    @ValueSource(strings = {"__ping__", "__ping__:80", "__PING__"})
    void isAPing(String header) {
        assertThat(RequestedHost.of(header)).isEqualTo(new RequestedHost.Ping());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "foo bar",
                "foo/bar",
                "foo\nbar",
                "foo\0",
                "f\u00f6\u00f6.bar",
                "foo,bar",
                "user@foo",
                "foo%41",
                "[::1",
                "[]",
                "[::1/64]",
                "fo[o",
                "foo]",
                "a;b",
                "a\\b",
                "a\"b"
            })
    void isMalformedWithBytesThatNoHostHas(String header) {
        assertThat(RequestedHost.of(header))
                .isEqualTo(new RequestedHost.Malformed(EndReason.MALFORMED_HOST, "malformed host header"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"foo:8o", "foo:80:80", "::1", "foo:-1", "[::1]80", "foo: 80", "[::1]:x"})
    void isMalformedWhenThePortIsNotOfDigits(String header) {
        assertThat(RequestedHost.of(header))
                .isEqualTo(new RequestedHost.Malformed(EndReason.MALFORMED_HOST, "malformed port in host header"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":80", ":"})
    void isMissingWhenNothingIsLeft(String header) {
        assertThat(RequestedHost.of(header))
                .isEqualTo(new RequestedHost.Malformed(EndReason.NO_HOST, "no host header"));
    }

    @Test
    void isMissingWithoutAHeader() {
        assertThat(RequestedHost.of(null)).isEqualTo(new RequestedHost.Malformed(EndReason.NO_HOST, "no host header"));
    }

    @Test
    void isTooLongOver255Bytes() {
        String longest = "a".repeat(255);

        assertThat(RequestedHost.of(longest + ".:8080")).isEqualTo(new RequestedHost.Name(longest, longest));
        assertThat(RequestedHost.of(longest + "a"))
                .isEqualTo(new RequestedHost.Malformed(EndReason.MALFORMED_HOST, "host name too long"));
    }
}
