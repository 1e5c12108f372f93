package io.hipache.accesslog;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.outcome.EndReason;
import io.hipache.outcome.ExchangeEnd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ExtendedFormatTest {
    private final LineFormat format = new ExtendedFormat(Shown.EVERYTHING);

    @Test
    void tellsBehindHipachesLineWhatBecameOfTheRequest() {
        assertThat(Ends.line(format, Ends.retried()))
                .isEqualTo("::ffff:192.0.2.77 - - [16/Feb/2014:00:43:10 +0000] \"GET /a?token=1 HTTP/1.1\" 200 3236"
                        + " \"http://r.example/p?q=2\" \"curl/7.30.0\" \"site\" 0.011 0.010"
                        + " \"www.example.com\" \"http://two:82/\" 1 2 \"answered\" 0.000 0.002 0.003 0.004"
                        + " \"id-1\" \"HTTP/1.1\"");
    }

    @Test
    void writesAHyphenForWhatThereIsNot() {
        assertThat(Ends.line(format, Ends.unreadable("")))
                .isEqualTo("::ffff:192.0.2.77 - - [16/Feb/2014:00:43:10 +0000] \"\" 400 150 \"\" \"\" \"\" 0.000 0.000"
                        + " \"-\" \"-\" - 0 \"malformed_request\" - - - - \"-\" \"-\"");
    }

    @Test
    void beginsWithHipachesLine() {
        LineFormat hipache = new HipacheFormat(Shown.EVERYTHING);
        for (ExchangeEnd end : List.of(Ends.retried(), Ends.unreadable("G\u0001"), Ends.reset())) {
            assertThat(Ends.line(format, end)).startsWith(Ends.line(hipache, end) + " ");
        }
    }

    @Test
    void isReadByTheExpressionOfTheDocumentation() throws Exception {
        Matcher documented = Pattern.compile("(?s)```regex\n(.*?)\n```")
                .matcher(Files.readString(Path.of("docs", "observability.md")));
        assertThat(documented.find()).isTrue();
        Pattern expression = Pattern.compile(documented.group(1));

        Matcher retried = expression.matcher(Ends.line(format, Ends.retried()));
        assertThat(retried.matches()).isTrue();
        assertThat(retried.group("request")).isEqualTo("GET /a?token=1 HTTP/1.1");
        assertThat(retried.group("backend")).isEqualTo("http://two:82/");
        assertThat(retried.group("reason")).isEqualTo("answered");
        assertThat(retried.group("firstbyte")).isEqualTo("0.004");
        assertThat(retried.group("protocol")).isEqualTo("HTTP/1.1");
        ExchangeEnd hostile = Ends.end(
                "HTTP/1.1", "a b", "GET /\"\\ HTTP/1.1", "h", "\" \"", "\n", List.of(), 502, EndReason.NO_LIVE_BACKEND);
        for (ExchangeEnd end : List.of(Ends.unreadable("\"x\" 200"), Ends.reset(), hostile)) {
            assertThat(Ends.line(format, end)).matches(expression);
        }
    }
}
