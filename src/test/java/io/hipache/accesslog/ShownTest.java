package io.hipache.accesslog;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.outcome.EndReason;
import io.hipache.outcome.ExchangeEnd;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShownTest {
    private final Shown little = new Shown(false, true);

    @ParameterizedTest
    @CsvSource({
        "192.0.2.77, 192.0.2.0",
        "::ffff:192.0.2.77, ::ffff:192.0.2.0",
        "2001:db8:1:2:3:4:5:6, 2001:db8:1::",
        "2001:0DB8::1, 2001:db8:0::",
        "::1, 0:0:0::",
        "2002:c000:024d:1::1, 2002:c000:200::",
        "::ffff:c000:24d, -",
        "::192.0.2.77, 0:0:0::",
    })
    void keepsTheNetworkOfAnAddress(String address, String shown) {
        assertThat(little.address(from(address))).isEqualTo(shown);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "unknown",
                "user@example.com",
                "1.2.3.4, 5.6.7.8",
                "1.2.3",
                "1.2.3.4.5",
                "1.2.3.4444",
                "::ffff:1.2.3",
                "::ffff:::1.2.3.4",
                "fe80::1%eth0",
                "1:2",
                ":::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::",
                "::g",
            })
    void showsNothingOfWhatIsNoAddress(String text) {
        assertThat(little.address(from(text))).isEqualTo("-");
    }

    @ParameterizedTest
    @CsvSource({
        "GET /a?b=c HTTP/1.1, GET /a HTTP/1.1",
        "GET /a?b?c HTTP/1.1, GET /a HTTP/1.1",
        "GET /a HTTP/1.1, GET /a HTTP/1.1",
        "GET /a?b= secret HTTP/1.1, GET /a HTTP/1.1",
        "GET /a?secret, GET /a",
        "GET /a HTTP/1.1?secret, GET /a HTTP/1.1",
        "GET http://h?secret HTTP/1.1, GET http://h HTTP/1.1",
    })
    void leavesOutTheQuery(String line, String shown) {
        assertThat(little.requestLine(asking(line))).isEqualTo(shown);
    }

    @Test
    void leavesOutTheQueryOfTheReferer() {
        assertThat(little.referer(Ends.retried())).isEqualTo("http://r.example/p");
        assertThat(little.referer(Ends.reset())).isEmpty();
    }

    @Test
    void copiesNothingWhereEverythingIsShown() {
        ExchangeEnd end = Ends.retried();

        assertThat(Shown.EVERYTHING.address(end)).isSameAs(end.clientAddress());
        assertThat(Shown.EVERYTHING.requestLine(end)).isSameAs(end.requestLine());
        assertThat(Shown.EVERYTHING.referer(end)).isSameAs(end.referer());
    }

    @ParameterizedTest
    @CsvSource({"HIPACHE", "EXTENDED", "JSON", "COMBINED"})
    void holdsForEveryFormat(AccessLogOptions.Format format) {
        LineFormat lines = new AccessLogOptions(format, true, false, true).newFormat();

        assertThat(Ends.line(lines, Ends.retried()))
                .contains("192.0.2.0")
                .contains("http://r.example/p\"")
                .doesNotContain("192.0.2.77")
                .doesNotContain("token")
                .doesNotContain("q=2");
    }

    @Test
    void healthChecksThatWentWellHaveNoLine() {
        AccessLogOptions all = new AccessLogOptions(AccessLogOptions.Format.HIPACHE, true, true, false);
        AccessLogOptions backends = new AccessLogOptions(AccessLogOptions.Format.HIPACHE, false, true, false);

        assertThat(all.logs(refused(EndReason.PING))).isFalse();
        assertThat(all.logs(refused(EndReason.READY))).isFalse();
        assertThat(all.logs(refused(EndReason.DRAINING))).isTrue();
        assertThat(all.logs(refused(EndReason.NO_FRONTEND))).isTrue();
        assertThat(backends.logs(refused(EndReason.NO_FRONTEND))).isFalse();
        assertThat(backends.logs(Ends.retried())).isTrue();
    }

    private static ExchangeEnd refused(EndReason reason) {
        return Ends.end("HTTP/1.1", "::1", "GET / HTTP/1.1", "h", "", "", List.of(), 400, reason);
    }

    private static ExchangeEnd from(String address) {
        return Ends.end("HTTP/1.1", address, "GET / HTTP/1.1", "h", "", "", List.of(), 400, EndReason.NO_FRONTEND);
    }

    private static ExchangeEnd asking(String line) {
        return Ends.end("HTTP/1.1", "::1", line, "h", "", "", List.of(), 400, EndReason.NO_FRONTEND);
    }
}
