package io.hipache.admission;

import io.hipache.messages.Quantity;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what each limit refuses, and says so in the log: at most one line a second for each limit, however much a client
 * sends. Confined to the event loop.
 */
final class Refusals {
    private static final Logger log = LoggerFactory.getLogger(Admission.class);
    private static final long BETWEEN_LINES = TimeUnit.SECONDS.toNanos(1);
    private final LongSupplier nanoClock;
    private final Map<Limit, Count> counts = new EnumMap<>(Limit.class);

    /** Of one limit. */
    private static final class Count {
        private long refused;
        private long told;
        private long toldAt;
    }

    Refusals(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        for (Limit limit : Limit.values()) {
            counts.put(limit, new Count());
        }
    }

    private Count of(Limit limit) {
        return Objects.requireNonNull(counts.get(limit));
    }

    /** @param whom a client or a backend, for the log */
    void count(Limit limit, @Nullable Object whom) {
        Count count = of(limit);
        count.refused++;
        long now = nanoClock.getAsLong();
        if (count.told > 0 && now - count.toldAt < BETWEEN_LINES) {
            return;
        }
        log.warn(
                "refused {} of {}, because {} ({} since the last such line)",
                limit.refused(),
                text(whom),
                limit.reason(),
                Quantity.of(count.refused - count.told, "refusal", "refusals"));
        count.told = count.refused;
        count.toldAt = now;
    }

    private static String text(@Nullable Object whom) {
        if (whom instanceof InetSocketAddress socket) {
            return text(socket.getAddress());
        }
        return whom instanceof InetAddress address ? NetUtil.toAddressString(address) : String.valueOf(whom);
    }

    long count(Limit limit) {
        return of(limit).refused;
    }

    /** Such as {@code 3 connections, 1 memory}; empty when nothing has been refused. */
    String summary() {
        StringJoiner all = new StringJoiner(", ");
        for (Limit limit : Limit.values()) {
            if (count(limit) > 0) {
                all.add(count(limit) + " " + limit.name().toLowerCase(Locale.ROOT));
            }
        }
        return all.toString();
    }
}
