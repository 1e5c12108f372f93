package io.hipache.messages;

import ch.qos.logback.classic.Level;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes the level of a message in front of its text, such as {@code [warn]}. Information has none, so that these lines are
 * those of the original.
 */
public final class MessageLevel {
    /** In front of a text that is more than information. */
    public static final String WARNING = "[warn] ";

    private static final String ERROR = "[error] ";
    private static final String DEBUG = "[debug] ";

    /** How the command line begins a line that says why it ends. */
    private static final String LAST_WORDS = "hipache: ";

    private static final Pattern LINE =
            Pattern.compile(LogStyle.STAMP + " - (\\(worker #\\d+\\) )?(?<lead>\\[(?<level>error|warn|debug)] | )?.*");

    private MessageLevel() {}

    /** What stands in front of the text of a message. */
    static String lead(Level level) {
        return switch (level.levelInt) {
            case Level.ERROR_INT -> ERROR;
            case Level.WARN_INT -> WARNING;
            case Level.INFO_INT -> "";
            default -> DEBUG;
        };
    }

    /**
     * The priority of a line of the log, as syslog and systemd number them (RFC 5424 §6.2.1).
     *
     * @param before the priority of the line before, which a line that continues it shares
     */
    public static int priority(String line, int before) {
        if (line.startsWith(" ")) {
            return before;
        }
        if (line.startsWith(LAST_WORDS)) {
            return 3;
        }
        Matcher parts = LINE.matcher(line);
        if (!parts.matches()) {
            // no message of ours, such as the last words of a Java runtime
            return 4;
        }
        if (parts.group("level") == null) {
            return " ".equals(parts.group("lead")) ? before : 6;
        }
        return switch (parts.group("level")) {
            case "error" -> 3;
            case "warn" -> 4;
            default -> 7;
        };
    }
}
