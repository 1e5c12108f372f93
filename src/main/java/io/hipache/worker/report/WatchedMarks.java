package io.hipache.worker.report;

import io.hipache.routing.Driver;
import io.hipache.routing.HostLookup;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * A store, and somebody who hears what became of each backend that should be marked dead.
 *
 * @param marks called on the event loop
 */
public record WatchedMarks(Driver store, BiConsumer<DeadBackend, Marking> marks) implements Driver {

    @Override
    public void read(HostLookup lookup, ReadCallback callback) {
        store.read(lookup, callback);
    }

    @Override
    public void markDead(DeadBackend dead, Consumer<Marking> told) {
        store.markDead(dead, marking -> {
            marks.accept(dead, marking);
            told.accept(marking);
        });
    }

    @Override
    public boolean isReachable() {
        return store.isReachable();
    }

    @Override
    public boolean answersFromCopy() {
        return store.answersFromCopy();
    }

    @Override
    public boolean couldAnswerFromCopy() {
        return store.couldAnswerFromCopy();
    }

    @Override
    public boolean activeCheckerAlive() {
        return store.activeCheckerAlive();
    }

    @Override
    public void close() {
        store.close();
    }
}
