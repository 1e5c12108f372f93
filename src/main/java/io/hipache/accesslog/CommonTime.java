package io.hipache.accesslog;

import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/** Writes who asked and when as the common log format has it. Formats each second only once. Confined to one thread. */
final class CommonTime {
    private static final byte[] NOBODY = ascii(" - - [");
    private static final byte[] END = ascii("] ");
    private static final byte[] MONTHS = ascii("JanFebMarAprMayJunJulAugSepOctNovDec");

    /** The second that {@link #time} shows. */
    private long second;

    private final byte[] time = ascii("01/Jan/1970:00:00:00 +0000");

    /** Appends what stands between the address and the request line: that no user is known, and the time in UTC. */
    void append(long epochMillis, LineBuffer line) {
        line.append(NOBODY);
        line.append(time(Math.floorDiv(epochMillis, 1000)));
        line.append(END);
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
