package io.hipache.messages;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;
import org.slf4j.helpers.MessageFormatter;

/**
 * Keeps events that clients, backends or tenants can cause in any number from filling the log of a worker. A kind of line is
 * the text with its placeholders. A few lines of a kind pass, then one a second. The others are counted, and a line tells
 * their number at the end of the flood, or once a minute while it lasts, with the first of them as an example. Lines with the
 * marker {@link #ALWAYS} pass, and so do those below the level INFO.
 */
public final class RepeatFilter extends TurboFilter {
    /** For lines that are never left out. */
    public static final Marker ALWAYS = MarkerFactory.getMarker("ALWAYS");

    /** Lines of one kind that pass at once. */
    static final int BURST = 5;

    /** Further kinds share one. */
    static final int MOST_KINDS = 100;

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

    private final Map<String, Kind> kinds = new LinkedHashMap<>();
    private final LongSupplier clock;
    private long lastSweep;

    private static final class Kind {
        private final Logger logger;
        /** The first line that was left out since the last report. */
        private String example = "";

        /** The highest level of a line that was left out since the last report. */
        private Level level = Level.INFO;
        /** The time at which a whole burst is free again. */
        private long restored;

        private long leftOut;
        private long lastLeftOut;
        private long lastReport;

        private Kind(Logger logger, long now) {
            this.logger = logger;
            restored = now;
            lastReport = now;
        }
    }

    private record Report(Logger logger, Level level, long leftOut, String example) {}

    public RepeatFilter() {
        this(System::nanoTime);
    }

    RepeatFilter(LongSupplier clock) {
        this.clock = clock;
        lastSweep = clock.getAsLong();
    }

    @Override
    public FilterReply decide(
            @Nullable Marker marker,
            Logger logger,
            Level level,
            @Nullable String text,
            Object @Nullable [] values,
            @Nullable Throwable thrown) {
        if (text == null
                || level.levelInt < Level.INFO_INT
                || level.levelInt < logger.getEffectiveLevel().levelInt
                || ALWAYS.equals(marker)) {
            return FilterReply.NEUTRAL;
        }
        List<Report> due = new ArrayList<>();
        FilterReply reply;
        synchronized (kinds) {
            long now = clock.getAsLong();
            if (now - lastSweep >= SECOND) {
                lastSweep = now;
                sweep(now, due);
            }
            reply = pass(logger, level, text, values == null ? new Object[0] : values, now);
        }
        due.forEach(RepeatFilter::tell);
        return reply;
    }

    private static void tell(Report report) {
        report.logger()
                .log(
                        ALWAYS,
                        RepeatFilter.class.getName(),
                        Level.toLocationAwareLoggerInteger(report.level()),
                        "left out {} like this one: {}",
                        new Object[] {Quantity.of(report.leftOut(), "more line", "more lines"), report.example()},
                        null);
    }

    private FilterReply pass(Logger logger, Level level, String text, Object[] values, long now) {
        // a text without values may itself hold what a stranger said
        String key = values.length == 0 ? logger.getName() : text;
        Kind kind = kinds.get(key);
        if (kind == null) {
            kind = kinds.computeIfAbsent(kinds.size() < MOST_KINDS ? key : "", added -> new Kind(logger, now));
        }
        if (kind.restored - now > (BURST - 1) * SECOND) {
            if (kind.leftOut == 0 || level.isGreaterOrEqual(kind.level)) {
                kind.level = level;
            }
            if (kind.leftOut == 0) {
                kind.example = String.valueOf(
                        MessageFormatter.arrayFormat(text, values).getMessage());
            }
            kind.leftOut++;
            kind.lastLeftOut = now;
            return FilterReply.DENY;
        }
        kind.restored = Math.max(kind.restored, now) + SECOND;
        return FilterReply.NEUTRAL;
    }

    private void sweep(long now, List<Report> due) {
        for (Kind kind : kinds.values()) {
            if (kind.leftOut > 0 && (now - kind.lastLeftOut >= SECOND || now - kind.lastReport >= MINUTE)) {
                due.add(new Report(kind.logger, kind.level, kind.leftOut, kind.example));
                kind.leftOut = 0;
                kind.lastReport = now;
            }
        }
        kinds.values().removeIf(kind -> kind.leftOut == 0 && now - kind.restored >= 0);
    }
}
