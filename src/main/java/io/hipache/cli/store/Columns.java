package io.hipache.cli.store;

import io.hipache.frontends.DeadSet.Mark;
import java.time.Duration;

/** Words that several commands use. */
final class Columns {

    private Columns() {}

    /** For how long a mark holds. */
    static String lasting(Mark mark) {
        return mark.seconds() < 0 ? "for ever" : "for " + duration(mark.seconds()) + " more";
    }

    static String duration(long seconds) {
        Duration duration = Duration.ofSeconds(seconds);
        if (duration.toDays() > 1) {
            return duration.toDays() + " days";
        }
        return seconds < 120 ? seconds + " s" : duration.toMinutes() + " min";
    }
}
