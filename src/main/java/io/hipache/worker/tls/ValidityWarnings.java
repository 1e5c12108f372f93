package io.hipache.worker.tls;

import io.hipache.tls.ClientTls;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warns of certificates in Redis that have expired or are not valid yet: of each once a day, and in one line a second at
 * most, however many names clients ask for. Confined to the event loop.
 */
final class ValidityWarnings {
    private static final Logger log = LoggerFactory.getLogger(ValidityWarnings.class);

    /** Names that are remembered. When there are more, some may be warned of more than once a day. */
    static final int MOST = 4096;

    private final Supplier<Instant> clock;
    private final LongSupplier nanoClock;
    private final Map<String, Long> warnedAt = new LinkedHashMap<>();
    private @Nullable Long lastLine;

    ValidityWarnings(Supplier<Instant> clock, LongSupplier nanoClock) {
        this.clock = clock;
        this.nanoClock = nanoClock;
    }

    /** A client is shown this certificate, which Redis has under the name. */
    void shown(String name, ClientTls tls) {
        String problem = tls.validity().problem(clock.get());
        if (problem == null) {
            return;
        }
        long now = nanoClock.getAsLong();
        Long before = warnedAt.get(name);
        if (isWithin(before, now, TimeUnit.DAYS) || isWithin(lastLine, now, TimeUnit.SECONDS)) {
            return;
        }
        warnedAt.remove(name);
        if (warnedAt.size() >= MOST) {
            warnedAt.remove(warnedAt.keySet().iterator().next());
        }
        warnedAt.put(name, now);
        lastLine = now;
        log.warn(
                "WARNING! {}: its certificate in Redis, or one that leads from it to a root, {}. Clients refuse it: store"
                        + " a valid one under tls:{}",
                name,
                problem,
                name);
    }

    private static boolean isWithin(@Nullable Long before, long now, TimeUnit one) {
        return before != null && now - before < one.toNanos(1);
    }
}
