package io.hipache.accesslog;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CombinedFormatTest {
    private final LineFormat format = new CombinedFormat(Shown.EVERYTHING);

    @Test
    void writesTheLineOfNginxWhoseBytesAreThoseOfTheBody() {
        assertThat(Ends.line(format, Ends.retried()))
                .isEqualTo("192.0.2.77 - - [16/Feb/2014:00:43:10 +0000] \"GET /a?token=1 HTTP/1.1\" 200 3000"
                        + " \"http://r.example/p?q=2\" \"curl/7.30.0\"");
    }

    @Test
    void writesAHyphenForWhatTheRequestDoesNotSay() {
        assertThat(Ends.line(format, Ends.unreadable("")))
                .isEqualTo("192.0.2.77 - - [16/Feb/2014:00:43:10 +0000] \"-\" 400 29 \"-\" \"-\"");
    }

    @Test
    void writesThreeDigitsForNoStatus() {
        assertThat(Ends.line(format, Ends.reset()))
                .isEqualTo("2001:db8::1 - - [16/Feb/2014:00:43:10 +0000] \"GET / HTTP/2.0\" 000 0 \"-\" \"-\"");
    }

    @Test
    void escapesAsNginxDoes() {
        assertThat(Ends.line(format, Ends.unreadable("\u0016\u0003\"\\\u00e9")))
                .contains("\"\\x16\\x03\\x22\\x5C\\xE9\" 400");
    }
}
