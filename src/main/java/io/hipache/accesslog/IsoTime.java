package io.hipache.accesslog;

import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/** Writes times as ISO 8601 has them, in UTC with milliseconds. Formats each second only once. Confined to one thread. */
final class IsoTime {
    private static final int MILLIS = 20;

    /** The second that {@link #time} shows. */
    private long second;

    private final byte[] time = "1970-01-01T00:00:00.000Z".getBytes(StandardCharsets.US_ASCII);

    void append(long epochMillis, LineBuffer line) {
        long epochSecond = Math.floorDiv(epochMillis, 1000);
        if (epochSecond != second) {
            second = epochSecond;
            LocalDateTime utc = LocalDateTime.ofEpochSecond(epochSecond, 0, ZoneOffset.UTC);
            put(0, 2, utc.getYear() / 100);
            put(2, 2, utc.getYear() % 100);
            put(5, 2, utc.getMonthValue());
            put(8, 2, utc.getDayOfMonth());
            put(11, 2, utc.getHour());
            put(14, 2, utc.getMinute());
            put(17, 2, utc.getSecond());
        }
        put(MILLIS, 3, Math.floorMod(epochMillis, 1000));
        line.append(time);
    }

    private void put(int at, int digits, int number) {
        int rest = number;
        for (int i = at + digits - 1; i >= at; i--) {
            time[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }
}
