package io.hipache.worker.warmup;

import io.hipache.routing.Driver;
import io.hipache.routing.HostLookup;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** The store of a {@link WarmUp}. Every host but one has one backend, the same for all. */
final class WarmUpStore implements Driver {
    private final List<String> entries;

    WarmUpStore(String backendUrl) {
        this.entries = List.of("warm-up", backendUrl);
    }

    @Override
    public void read(HostLookup lookup, ReadCallback callback) {
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
