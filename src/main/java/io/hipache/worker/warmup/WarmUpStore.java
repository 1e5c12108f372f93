package io.hipache.worker.warmup;

import io.hipache.routing.Driver;
import io.hipache.routing.HostLookup;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The store of a {@link WarmUp}. Every host but one has one backend, the same for all. Some look-ups find only a dead backend
 * instead. Before each answer this store asks the worker's store for a host of nobody, so that the way to Redis is warm as
 * well. A store without an answer is not asked again.
 */
final class WarmUpStore implements Driver {
    /** Several, because look-ups of one host at a time are one. */
    private static final List<HostLookup> NOBODY =
            List.of(HostLookup.ofNobody("warm"), HostLookup.ofNobody("up"), HostLookup.ofNobody("warm-up"));

    /** Of so many look-ups, one finds the dead backend. */
    private static final int DEAD_EVERY = 10;

    private @Nullable Driver asked;
    private final List<String> alive;
    private final List<String> dead;
    private int lookups;
    private int answers;
    private int marks;

    /**
     * @param asked the worker's store, null for none; what it answers does not matter
     * @param refusing the address of a dead backend
     */
    WarmUpStore(@Nullable Driver asked, InetSocketAddress backend, InetSocketAddress refusing) {
        this.asked = asked;
        this.alive = List.of("warm-up", url(backend));
        // twice, because the only backend of a host is never marked
        this.dead = List.of("warm-up", url(refusing), url(refusing));
    }

    /** How often a backend was to be marked dead. */
    int marks() {
        return marks;
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
                        : new Rows(name, ++answers % DEAD_EVERY == 0 ? dead : alive, Set.of()));
    }

    @Override
    public void markDead(DeadBackend dead, Consumer<Marking> told) {
        // told is not called: each outcome of a mark would write a line to the log
        marks++;
    }

    private static String url(InetSocketAddress address) {
        return "http://" + NetUtil.toSocketAddressString(address);
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
