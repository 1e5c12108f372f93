package io.hipache.driver;

import io.hipache.routing.Driver;
import io.hipache.routing.HostLookup;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Keeps the answers of another driver for a while, for a limited number of hosts (Hipache lib/lru.js). An answer
 * "unavailable" is not kept. When a backend dies, this worker drops the answers that contain it at once. Answers for hosts
 * that were written with capitals are not kept: they are few, and their frontend may be another one. Look-ups that try whether
 * the store answers always reach the store. Confined to the event loop.
 */
public final class CachingDriver implements Driver {

    private final Driver store;
    private final int size;
    private final long ttlNanos;
    private final LongSupplier nanoTime;
    private final Map<String, Kept> hosts = new LinkedHashMap<>(16, 0.75f, true);
    private long deaths;
    private long answers;

    /**
     * Wraps a driver. Closing this one closes that driver.
     *
     * @param size the number of hosts kept, at least 1
     * @param ttl how long an answer is kept
     */
    public CachingDriver(Driver store, int size, Duration ttl) {
        this(store, size, ttl, System::nanoTime);
    }

    CachingDriver(Driver store, int size, Duration ttl, LongSupplier nanoTime) {
        this.store = store;
        this.size = size;
        this.ttlNanos = ttl.toNanos();
        this.nanoTime = nanoTime;
    }

    @Override
    public void read(HostLookup lookup, ReadCallback callback) {
        String host = lookup.requestedHost();
        boolean keeps = lookup.spellings() == 1 && !lookup.isNobodys();
        Kept kept = keeps ? hosts.get(host) : null;
        if (kept != null && nanoTime.getAsLong() - kept.readAtNanos < ttlNanos) {
            answers++;
            callback.rows(kept.rows);
        } else if (keeps) {
            store.read(lookup, new Keeping(host, callback));
        } else {
            store.read(lookup, callback);
        }
    }

    /** How often the answer for a host was in memory. */
    public long memoryAnswers() {
        return answers;
    }

    @Override
    public void markDead(DeadBackend dead, Consumer<Marking> told) {
        deaths++;
        hosts.remove(dead.host());
        if (dead.host().startsWith("*")) {
            // the dead set is the wildcard's own: many hosts may share it
            hosts.values().removeIf(kept -> dead.host().equals(kept.rows.name()));
        }
        store.markDead(dead, told);
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

    private void keep(String host, Rows rows) {
        hosts.put(host, new Kept(rows, nanoTime.getAsLong()));
        if (hosts.size() > size) {
            hosts.remove(hosts.keySet().iterator().next());
        }
    }

    private record Kept(Rows rows, long readAtNanos) {}

    /** Passes an answer on. Keeps it too, unless a backend died after the question: the answer may not show that death. */
    private final class Keeping implements PassedOn {

        private final String host;
        private final ReadCallback callback;
        private final long deathsBefore = deaths;

        Keeping(String host, ReadCallback callback) {
            this.host = host;
            this.callback = callback;
        }

        @Override
        public ReadCallback waiting() {
            return callback;
        }

        @Override
        public void rows(Rows rows) {
            if (deaths == deathsBefore && !rows.stale()) {
                keep(host, rows);
            }
            callback.rows(rows);
        }
    }
}
