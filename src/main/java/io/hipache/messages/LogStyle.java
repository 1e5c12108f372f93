package io.hipache.messages;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;
import org.slf4j.LoggerFactory;

/** How the messages of this process are written, as the configuration says. Any thread may call it. */
public final class LogStyle {
    /** The pattern of a {@link #stamp} in the style of node, which says no more than the time of a journal. */
    public static final String SHORT_STAMP = "\\d{1,2} [A-Z][a-z]{2} \\d\\d:\\d\\d:\\d\\d";

    /** The pattern of a {@link #stamp} in either style. */
    public static final String STAMP =
            "(" + SHORT_STAMP + "|\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}[+-]\\d\\d:\\d\\d)";

    /** With these names Java need not read the data of languages, which takes 30 ms of each start. */
    private static final Map<Long, String> MONTHS = Map.ofEntries(
            Map.entry(1L, "Jan"),
            Map.entry(2L, "Feb"),
            Map.entry(3L, "Mar"),
            Map.entry(4L, "Apr"),
            Map.entry(5L, "May"),
            Map.entry(6L, "Jun"),
            Map.entry(7L, "Jul"),
            Map.entry(8L, "Aug"),
            Map.entry(9L, "Sep"),
            Map.entry(10L, "Oct"),
            Map.entry(11L, "Nov"),
            Map.entry(12L, "Dec"));

    /** As node's util.log writes it. */
    private static final DateTimeFormatter HIPACHE = new DateTimeFormatterBuilder()
            .appendPattern("d ")
            .appendText(ChronoField.MONTH_OF_YEAR, MONTHS)
            .appendPattern(" HH:mm:ss")
            .toFormatter(Locale.ENGLISH);

    private static final DateTimeFormatter ISO =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSxxx", Locale.ENGLISH);

    private static volatile DateTimeFormatter stamp = HIPACHE;

    private LogStyle() {}

    /**
     * Follows a configuration.
     *
     * @param debug whether the messages for debugging are written too
     * @param isoTime whether the time of a message is written as ISO 8601 has it, with milliseconds and offset
     */
    public static void use(boolean debug, boolean isoTime) {
        stamp = isoTime ? ISO : HIPACHE;
        if (LoggerFactory.getLogger("io.hipache") instanceof Logger ours) {
            ours.setLevel(debug ? Level.DEBUG : null);
        }
    }

    /**
     * A moment in the present style, in the time zone of the machine. A {@link java.time.ZoneId} would know the zone as well, but
     * the first one of a process opens all jars of the program, to look for further zones.
     */
    public static String stamp(Instant moment) {
        int offsetMillis = TimeZone.getDefault().getOffset(moment.toEpochMilli());
        return stamp.format(moment.atOffset(ZoneOffset.ofTotalSeconds(offsetMillis / 1000)));
    }
}
