package io.hipache.supervisor;

import io.hipache.config.HipacheConfig;
import io.hipache.supervisor.common.Scheduler;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Warns once a day of certificates in files that have expired since the configuration was read. */
final class CertificateWatch {
    private static final Logger log = LoggerFactory.getLogger(CertificateWatch.class);

    static final Duration INTERVAL = Duration.ofDays(1);

    private final Supplier<HipacheConfig> inForce;
    private final Supplier<Instant> clock;
    private final Scheduler scheduler;

    /** @param inForce called on the thread of the scheduler */
    CertificateWatch(Supplier<HipacheConfig> inForce, Supplier<Instant> clock, Scheduler scheduler) {
        this.inForce = inForce;
        this.clock = clock;
        this.scheduler = scheduler;
    }

    void start() {
        scheduler.later(INTERVAL, () -> {
            inForce.get().dateProblems(clock.get()).forEach(problem -> log.warn("WARNING! {}", problem));
            start();
        });
    }
}
