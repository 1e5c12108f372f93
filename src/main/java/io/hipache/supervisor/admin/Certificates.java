package io.hipache.supervisor.admin;

import io.hipache.figures.Expiry;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The certificates that end first: of the files, and of those that workers have been told of by the store. */
final class Certificates {
    /** Certificates that end within this time are named. */
    static final Duration SOON = Duration.ofDays(14);

    private static final int MOST = 200;

    private Certificates() {}

    /** Those that end first, in their order. */
    static List<Expiry> first(List<Expiry> ofFiles, Totals.View view) {
        return Stream.concat(
                        ofFiles.stream(),
                        view.workers().stream().flatMap(worker -> worker.figures().expiries().stream()))
                .distinct()
                .sorted(Comparator.comparingLong(Expiry::millis).thenComparing(Expiry::name))
                .limit(MOST)
                .toList();
    }

    static List<Expiry> soon(List<Expiry> first, long nowMillis) {
        return first.stream()
                .filter(expiry -> expiry.millis() < nowMillis + SOON.toMillis())
                .toList();
    }
}
