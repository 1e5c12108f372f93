package io.hipache.messages;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.slf4j.LoggerFactory;

/** How the messages of this process are written, as the configuration says. Any thread may call it. */
public final class LogStyle {
    /** The pattern of a {@link #stamp} in the style of node, which says no more than the time of a journal. */
    public static final String SHORT_STAMP = "\\d{1,2} [A-Z][a-z]{2} \\d\\d:\\d\\d:\\d\\d";

    /** The pattern of a {@link #stamp} in either style. */
    public static final String STAMP =
            "(" + SHORT_STAMP + "|\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}[+-]\\d\\d:\\d\\d)";

    /** As node's util.log writes it. */
    private static final DateTimeFormatter HIPACHE = DateTimeFormatter.ofPattern("d MMM HH:mm:ss", Locale.ENGLISH);

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

    /** A moment in the present style, in the time zone of the machine. */
    public static String stamp(Instant moment) {
        return stamp.format(moment.atZone(ZoneId.systemDefault()));
    }
}
