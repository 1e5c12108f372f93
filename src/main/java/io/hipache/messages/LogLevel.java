package io.hipache.messages;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/** Which messages of this program are written, as {@code server.debug} says. Any thread may call it. */
public final class LogLevel {
    private LogLevel() {}

    /** Writes the messages for debugging too, or no more. */
    public static void setDebug(boolean debug) {
        if (LoggerFactory.getLogger("io.hipache") instanceof Logger ours) {
            ours.setLevel(debug ? Level.DEBUG : null);
        }
    }
}
