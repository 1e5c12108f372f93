package io.hipache.routing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackendUrlTest {

    @ParameterizedTest
    @CsvSource({
        "http://h:8080,           false, h,            8080",
        "http://h,                false, h,            80",
        "http://h:,               false, h,            80",
        "https://h,               true,  h,            443",
        "https://h:8443,          true,  h,            8443",
        "'  http://h:81\t\n',     false, h,            81",
        "HTTP://H.Example:81,     false, h.example,    81",
        "http://a_b.c:81,         false, a_b.c,        81",
        "http://10.0.0.1:81/p?q,  false, 10.0.0.1,     81",
        "http://h?q:1,            false, h,            80",
        "http://h#f,              false, h,            80",
        "http://u:p@h:81/x,       false, h,            81",
        "http://u@v@h:81,         false, h,            81",
        "http://h:81/@x:82,       false, h,            81",
        "http://[::1]:81,         false, ::1,          81",
        "http://[2001:DB8::1],    false, 2001:db8::1,  80",
        "http://h:0080,           false, h,            80",
        "http://h:65535,          false, h,            65535",
        "http://\u00e9.com,       false, xn--9ca.com,  80"
    })
    void saysWhereToConnect(String entry, boolean tls, String host, int port) {
        BackendUrl url = BackendUrl.parse(entry);

        assertThat(url).isNotNull().extracting(BackendUrl::backend).isEqualTo(new Backend(tls, host, port));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "h",
                "h:80",
                "//h",
                "something",
                "ftp://h",
                "http:",
                "http:h",
                "http:/h",
                "http://",
                "http:///p",
                "http://:80",
                "http://u:p@:80/",
                "http://h:0",
                "http://h:65536",
                "http://h:99999999999",
                "http://h:8a",
                "http://h:+80",
                "http://h: 80",
                "http://h;x:80",
                "http://h h:80",
                "http://[::1",
                "http://[]:80",
                "http://[::1]x:80",
                "http://[::1%eth0]:80",
                "http://[::g]",
                "http://::1:80",
                "http://h*:80",
                "https:/h",
                "http://\u00e9 .com",
                "http://9\u0385",
                "http://a\uff0fb.com",
                "http://a\uff20b.com",
                "http://a\uff1a81",
                "http://\u00ad",
                "http://h\n:80"
            })
    void isNoneWithoutSchemeHostOrUsablePort(String entry) {
        assertThat(BackendUrl.parse(entry)).isNull();
    }

    /** What node 20 prints for {@code url.parse(entry).href}. */
    @ParameterizedTest
    @CsvSource({
        "http://h:80,                       http://h:80/",
        "http://h,                          http://h/",
        "HTTP://H:80,                       http://h:80/",
        "http://h:,                         http://h/",
        "http://h:080,                      http://h:080/",
        "http://h:80/,                      http://h:80/",
        "http://h:80?x=1,                   http://h:80/?x=1",
        "http://h:80#f,                     http://h:80/#f",
        "http://h:80/?,                     http://h:80/?",
        "http://h:80\\p,                    http://h:80/p",
        "http://H/AbC,                      http://h/AbC",
        "http://h/a b,                      http://h/a%20b",
        "'http://h/{}|^`\"<>''',            http://h/%7B%7D%7C%5E%60%22%3C%3E%27",
        "'http://h/a\tb',                   http://h/a%09b",
        "http://h:80/%3b,                   http://h:80/%3b",
        "http://[::1]:80,                   http://[::1]:80/",
        "http://[::FFFF:1.2.3.4]:80/,       http://[::ffff:1.2.3.4]:80/",
        "http://\u00e9.com/\u00e9,          http://xn--9ca.com/\u00e9",
        "https://h,                         https://h/"
    })
    void hasTheHrefOfNode(String entry, String href) {
        BackendUrl url = BackendUrl.parse(entry);

        assertThat(url).isNotNull().extracting(BackendUrl::href).isEqualTo(href);
    }

    @Test
    void neverHasASemicolonInItsHref() {
        BackendUrl url = BackendUrl.parse("http://h:80/p;a?q;b#c;d");

        assertThat(url).isNotNull().extracting(BackendUrl::href).isEqualTo("http://h:80/p%3Ba?q%3Bb#c%3Bd");
    }

    @ParameterizedTest
    @CsvSource({
        "http://h:80,              http://h:80",
        "' HTTP://H:80/ ',         ' HTTP://H:80/ '",
        "http://u:pw@h:80/p?q,     http://u:pw@h:80/p?q",
        "http://h:80/p;a,          http://h:80/p%3Ba",
        "'http://h:80/p\r\n',      http://h:80/p",
        "http://h:80/\u00e9,       http://h:80/\u00e9"
    })
    void isAnnouncedAsItIsStoredUnlessThatWouldUpsetAReader(String entry, String announced) {
        BackendUrl url = BackendUrl.parse(entry);

        assertThat(url).isNotNull().extracting(u -> u.announcedAs(entry)).isEqualTo(announced);
    }

    @Test
    void leavesUserInfoOutOfItsHref() {
        BackendUrl url = BackendUrl.parse("http://user:secret@h:80/x");

        assertThat(url).isNotNull().extracting(BackendUrl::href).isEqualTo("http://h:80/x");
    }
}
