package io.hipache.accesslog;

import io.hipache.outcome.ExchangeEnd;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * Turns an {@link ExchangeEnd} into one line, in the format of Hipache ({@code lib/accesslogger.js}):
 *
 * <pre>::ffff:127.0.0.1 - - [16/Feb/2014:00:43:10 +0000] "GET / HTTP/1.1" 200 3236 "" "curl/7.30.0" "site" 0.011 0.009</pre>
 *
 * Called once per request. So it makes no strings, and formats each second only once. Confined to one thread.
 */
public final class AccessLogFormat {
    private static final byte[] NOBODY = ascii(" - - [");
    private static final byte[] MONTHS = ascii("JanFebMarAprMayJunJulAugSepOctNovDec");

    /** The second that {@link #time} shows. */
    private long second;

    private final byte[] time = ascii("01/Jan/1970:00:00:00 +0000");

    /** Appends the line of {@code end}, with its line feed. */
    public void append(ExchangeEnd end, LineBuffer line) {
        // may come from a trusted proxy's header: a space in it would shift every field after it
        line.appendEscaped(end.clientAddress(), '!');
        line.append(NOBODY);
        line.append(time(Math.floorDiv(end.startMillis(), 1000)));
        line.append(']');
        appendQuoted(end.requestLine(), line);
        line.append(' ');
        line.append(end.status());
        line.append(' ');
        line.append(end.bytes());
        appendQuoted(end.referer(), line);
        appendQuoted(end.userAgent(), line);
        appendQuoted(utf8Bytes(end.virtualHost()), line);
        appendSeconds(end.totalNanos(), line);
        appendSeconds(end.backendNanos(), line);
        line.append('\n');
    }

    private static void appendQuoted(String field, LineBuffer line) {
        line.append(' ');
        line.append('"');
        line.appendEscaped(field, ' ');
        line.append('"');
    }

    /** Text of the store in the form of a client's text: each character holds one of the stored bytes. */
    private static String utf8Bytes(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > '~') {
                return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
            }
        }
        return text;
    }

    /** Appends seconds with three decimals, cut off and not rounded, as nginx does. */
    private static void appendSeconds(long nanos, LineBuffer line) {
        long millis = Math.max(0, nanos) / 1_000_000;
        int fraction = (int) (millis % 1000);
        line.append(' ');
        line.append(millis / 1000);
        line.append('.');
        line.append((char) ('0' + fraction / 100));
        line.append((char) ('0' + fraction / 10 % 10));
        line.append((char) ('0' + fraction % 10));
    }

    private byte[] time(long epochSecond) {
        if (epochSecond != second) {
            second = epochSecond;
            LocalDateTime utc = LocalDateTime.ofEpochSecond(epochSecond, 0, ZoneOffset.UTC);
            putTwoDigits(0, utc.getDayOfMonth());
            System.arraycopy(MONTHS, 3 * (utc.getMonthValue() - 1), time, 3, 3);
            putTwoDigits(7, utc.getYear() / 100);
            putTwoDigits(9, utc.getYear() % 100);
            putTwoDigits(12, utc.getHour());
            putTwoDigits(15, utc.getMinute());
            putTwoDigits(18, utc.getSecond());
        }
        return time;
    }

    private void putTwoDigits(int at, int number) {
        time[at] = (byte) ('0' + number / 10);
        time[at + 1] = (byte) ('0' + number % 10);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
