package io.hipache.accesslog;

import io.hipache.outcome.ExchangeEnd;

/**
 * The line of nginx's {@code combined}, which most programs that read access logs know. Its bytes are those of the body, and 0
 * where there is none ({@code $body_bytes_sent}); Apache writes a hyphen there ({@code %b}).
 */
final class CombinedFormat implements LineFormat {
    private final Shown shown;
    private final CommonTime time = new CommonTime();

    CombinedFormat(Shown shown) {
        this.shown = shown;
    }

    @Override
    public void append(ExchangeEnd end, LineBuffer line) {
        String address = shown.address(end);
        line.appendEscaped(address, ShortAddress.startOfPlain(address), '!');
        time.append(end.startMillis(), line);
        line.appendQuoted(orHyphen(shown.requestLine(end)));
        line.append(' ');
        appendStatus(end.status(), line);
        line.append(' ');
        line.append(end.bodyBytes());
        line.append(' ');
        line.appendQuoted(orHyphen(shown.referer(end)));
        line.append(' ');
        line.appendQuoted(orHyphen(end.userAgent()));
        line.append('\n');
    }

    private static String orHyphen(String text) {
        return text.isEmpty() ? "-" : text;
    }

    /** Three digits, as nginx has them where there was no answer. */
    private static void appendStatus(int status, LineBuffer line) {
        if (status == 0) {
            line.append('0');
            line.append('0');
        }
        line.append(status);
    }
}
