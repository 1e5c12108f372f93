package io.hipache.worker.warmup;

import io.hipache.routing.Driver;
import io.hipache.routing.HostLookup;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The store of a {@link WarmUp}. Every host but one has one backend, the same for all. Before each answer it asks the
 * worker's store for a host of nobody, so that the way to Redis is warm as well. A store without an answer is not asked again.
 */
final class WarmUpStore implements Driver {
    /** Several, because look-ups of one host at a time are one. */
    private static final List<HostLookup> NOBODY =
            List.of(HostLookup.ofNobody("warm"), HostLookup.ofNobody("up"), HostLookup.ofNobody("warm-up"));

    private @Nullable Driver asked;
    private final List<String> entries;
    private int lookups;

    /** @param asked the worker's store, null for none; what it answers does not matter */
    WarmUpStore(@Nullable Driver asked, String backendUrl) {
        this.asked = asked;
        this.entries = List.of("warm-up", backendUrl);
    }

    @Override
    public void read(HostLookup lookup, ReadCallback callback) {
        Driver store = asked;
        if (store == null || !store.isReachable() || store.answersFromCopy()) {
            answer(lookup, callback);
            return;
        }
        store.read(
                NOBODY.get(lookups++ % NOBODY.size()), ReadCallback.ofTrial(() -> answer(lookup, callback), reason -> {
                    // a store that gives no answers takes its time for that
                    asked = null;
                    answer(lookup, callback);
                }));
    }

    private void answer(HostLookup lookup, ReadCallback callback) {
        String name = lookup.names().get(0);
        callback.rows(
                name.equals(WarmUpStranger.UNKNOWN_HOST)
                        ? new Rows(null, List.of(), Set.of())
                        : new Rows(name, entries, Set.of()));
    }

    @Override
    public void markDead(DeadBackend dead, Consumer<Marking> told) {
        // no other worker uses this backend
        told.accept(Marking.ONLY_BACKEND);
    }

    @Override
    public boolean isReachable() {
        return true;
    }

    @Override
    public boolean answersFromCopy() {
        return false;
    }

    @Override
    public boolean activeCheckerAlive() {
        return false;
    }

    @Override
    public void close() {
        // nothing is open
    }
}
