package io.hipache.worker.warmup;

import io.hipache.routing.Driver;
import io.hipache.routing.HostLookup;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** The store of a {@link WarmUp}. Every host has one backend, the same for all. */
final class WarmUpStore implements Driver {
    private final List<String> entries;

    WarmUpStore(String backendUrl) {
        this.entries = List.of("warm-up", backendUrl);
    }

    @Override
    public void read(HostLookup lookup, ReadCallback callback) {
        callback.rows(new Rows(lookup.names().get(0), entries, Set.of()));
    }

    @Override
    public void markDead(DeadBackend dead, Consumer<Marking> told) {
        // no other worker uses this backend
        told.accept(Marking.ONLY_BACKEND);
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
