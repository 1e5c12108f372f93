package io.hipache.accesslog;

import io.hipache.outcome.ExchangeEnd;
import java.nio.charset.StandardCharsets;

/**
 * The line of Hipache ({@code lib/accesslogger.js}):
 *
 * <pre>::ffff:127.0.0.1 - - [16/Feb/2014:00:43:10 +0000] "GET / HTTP/1.1" 200 3236 "" "curl/7.30.0" "site" 0.011 0.009</pre>
 */
final class HipacheFormat implements LineFormat {
    private final Shown shown;
    private final CommonTime time = new CommonTime();

    HipacheFormat(Shown shown) {
        this.shown = shown;
    }

    @Override
    public void append(ExchangeEnd end, LineBuffer line) {
        appendFields(end, line);
        line.append('\n');
    }

    /** Appends the line without its line feed. */
    void appendFields(ExchangeEnd end, LineBuffer line) {
        // may come from a trusted proxy's header: a space in it would shift every field after it
        line.appendEscaped(shown.address(end), '!');
        time.append(end.startMillis(), line);
        line.appendQuoted(shown.requestLine(end));
        line.append(' ');
        line.append(end.status());
        line.append(' ');
        line.append(end.bytes());
        line.append(' ');
        line.appendQuoted(shown.referer(end));
        line.append(' ');
        line.appendQuoted(end.userAgent());
        line.append(' ');
        line.appendQuoted(utf8Bytes(end.virtualHost()));
        line.append(' ');
        line.appendSeconds(end.totalNanos(), 3);
        line.append(' ');
        line.appendSeconds(end.backendNanos(), 3);
    }

    /** Text of the store in the form of a client's text: each character holds one of the stored bytes. */
    static String utf8Bytes(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > '~') {
                return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
            }
        }
        return text;
    }
}
