package io.hipache.config.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SyslogAddressTest {

    @ParameterizedTest
    @CsvSource({"syslog:, /dev/log", "syslog:/dev/log, /dev/log", "syslog:/run/log d.sock, /run/log d.sock"})
    void readsAPath(String text, String path) throws Exception {
        assertThat(SyslogAddress.parse(text)).isEqualTo(new SyslogAddress.Unix(path));
    }

    @ParameterizedTest
    @CsvSource({
        "syslog:udp:logs.example.com:5514, logs.example.com, 5514",
        "syslog:udp:logs, logs, 514",
        "syslog:udp:192.0.2.1:1, 192.0.2.1, 1",
        "syslog:udp:[2001:db8::1]:65535, 2001:db8::1, 65535",
        "syslog:udp:[::1], ::1, 514",
    })
    void readsAHostAndAPort(String text, String host, int port) throws Exception {
        assertThat(SyslogAddress.parse(text)).isEqualTo(new SyslogAddress.Udp(host, port));
    }

    @Test
    void saysInAMessageWhereItIs() throws Exception {
        assertThat(SyslogAddress.parse("syslog:udp:[::1]:5")).hasToString("[::1]:5");
        assertThat(SyslogAddress.parse("syslog:udp:h:5")).hasToString("h:5");
        assertThat(SyslogAddress.parse("syslog:")).hasToString("/dev/log");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "syslog:x",
                "syslog:tcp:h:1",
                "syslog:udp:",
                "syslog:udp:::1:514",
                "syslog:udp:[h]:514",
                "syslog:udp:[1.2.3.4]:514",
                "syslog:udp:h:0",
                "syslog:udp:h:65536",
                "syslog:udp:h:port",
                "syslog:udp:h:",
                "syslog:udp:a b:1",
                "syslog:/\0",
                "syslog:/\u00e9",
            })
    void refusesWhatIsNeither(String text) {
        assertThatThrownBy(() -> SyslogAddress.parse(text))
                .isInstanceOf(BadUrl.class)
                .hasMessageStartingWith("expected ");
    }

    @Test
    void refusesAPathThatNoSocketCanHave() {
        assertThatThrownBy(() -> SyslogAddress.parse("syslog:/" + "x".repeat(107)))
                .hasMessage("expected the path of a socket, in at most 107 letters of printable ASCII");
    }
}
