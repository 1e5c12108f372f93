package io.hipache.frontends;

import io.hipache.config.HipacheConfig;
import io.hipache.routing.BackendUrl;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * When a backend is drained. It is off its list, so no new request goes there, and what was under way has ended by itself. Workers
 * tell the latter by address.
 */
public final class DrainRules {
    /** A request that asked the store just before the change gets to the backend a moment later. */
    private static final Duration MOMENT = Duration.ofSeconds(1);

    private DrainRules() {}

    /** The addresses of entries, as workers tell what is under way. There is none for an entry to which no request can go. */
    public static List<String> addresses(List<String> entries) {
        return entries.stream()
                .map(BackendUrl::parse)
                .filter(Objects::nonNull)
                .map(url -> url.backend().toString())
                .distinct()
                .toList();
    }

    /** How long after the change a worker may still send a new request to the backend. */
    public static Duration obeyedWithin(HipacheConfig config) {
        HipacheConfig.LruCache cache = config.server().lruCache();
        return cache == null ? MOMENT : MOMENT.plus(cache.ttl());
    }
}
