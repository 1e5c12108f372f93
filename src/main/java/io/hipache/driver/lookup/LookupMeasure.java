package io.hipache.driver.lookup;

import io.hipache.driver.lookup.RowsDecoder.Result;
import io.hipache.driver.redis.PlainCommand;
import io.hipache.driver.redis.RedisCommand;
import io.hipache.driver.redis.RedisKeys;
import io.hipache.routing.Driver.Rows;
import io.hipache.routing.HostLookup;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Measures the frontend of one look-up, for a server that refuses scripts: a transaction cannot decide what to read, so the
 * sizes are asked for one round trip before. What changes between the two is bounded by the number of elements alone. A size
 * that the server refuses to tell counts as a small one, as it did before there were bounds.
 */
final class LookupMeasure {

    private static final long UNKNOWN = -1;

    private final PendingLookup pending;
    private final LookupBounds bounds;
    private final List<Size> lists = new ArrayList<>();
    private final List<Size> deadSets = new ArrayList<>();

    private LookupMeasure(PendingLookup pending, LookupBounds bounds) {
        this.pending = pending;
        this.bounds = bounds;
    }

    static List<LookupMeasure> of(List<PendingLookup> lookups, LookupBounds bounds) {
        return lookups.stream().map(lookup -> new LookupMeasure(lookup, bounds)).toList();
    }

    /** The commands that measure all of them. {@code measured} is called with the reply to the last one, or without it. */
    static List<RedisCommand> commands(List<LookupMeasure> measures, RedisKeys keys, Runnable measured) {
        List<RedisCommand> commands = new ArrayList<>();
        measures.forEach(measure -> measure.addTo(commands, keys));
        commands.add(new PlainCommand((value, error) -> measured.run(), "PING"));
        return commands;
    }

    /**
     * What is to be read of them. The others are done, or too large for this time.
     *
     * @param largeBytes what may be read of large lists
     * @param done gets the results of the others
     */
    static List<LookupMeasure> toRead(
            List<LookupMeasure> measures, long largeBytes, BiConsumer<PendingLookup, Result> done) {
        List<LookupMeasure> toRead = new ArrayList<>();
        long left = largeBytes;
        for (LookupMeasure measure : measures) {
            Result known = measure.known();
            boolean large = measure.bytes() > LookupBounds.SMALL_BYTES;
            if (known != null) {
                done.accept(measure.pending(), known);
            } else if (large && measure.bytes() > left) {
                done.accept(measure.pending(), RowsDecoder.LATER);
            } else {
                left -= large ? measure.bytes() : 0;
                toRead.add(measure);
            }
        }
        return toRead;
    }

    /** The size of one key. */
    private static final class Size {
        private long elements = UNKNOWN;
        private long bytes = UNKNOWN;
        private @Nullable String wrongType;

        void elements(@Nullable String value, @Nullable String error) {
            elements = number(value, error);
            wrongType = error != null && error.startsWith(RowsDecoder.WRONG_TYPE) ? error : null;
        }

        void bytes(@Nullable String value, @Nullable String error) {
            bytes = number(value, error);
        }

        private static long number(@Nullable String value, @Nullable String error) {
            return value == null || error != null ? UNKNOWN : Long.parseLong(value);
        }
    }

    /** Adds the commands. Their replies come in order. */
    private void addTo(List<RedisCommand> commands, RedisKeys keys) {
        HostLookup lookup = pending.lookup();
        for (String name : lookup.names()) {
            lists.add(add(commands, "LLEN", keys.frontend(name)));
        }
        for (String host : lookup.names().subList(0, lookup.deadSets())) {
            deadSets.add(add(commands, "SCARD", keys.dead(host)));
        }
    }

    private Size add(List<RedisCommand> commands, String count, String key) {
        Size size = new Size();
        commands.add(new PlainCommand(size::elements, count, key));
        String samples = Integer.toString(bounds.entries());
        commands.add(new PlainCommand(size::bytes, "MEMORY", "USAGE", key, "SAMPLES", samples));
        return size;
    }

    PendingLookup pending() {
        return pending;
    }

    /** What can be said without reading anything, null when there is something to read. */
    private @Nullable Result known() {
        for (int n = 0; n < lists.size(); n++) {
            Size list = lists.get(n);
            String name = pending.lookup().names().get(n);
            if (list.wrongType != null) {
                return new Result(null, list.wrongType, name);
            }
            if (list.elements > bounds.entries() || list.bytes > bounds.bytes()) {
                return Result.tooLarge(name);
            }
            if (list.elements != 0) {
                return null;
            }
        }
        // of nobody's host all is read, to find out whether it may be
        return pending.lookup().isNobodys() ? null : new Result(new Rows(null, List.of(), Set.of()), null);
    }

    /** The names to read: up to the first one that has a list, or that may have one. */
    List<String> names() {
        List<String> names = pending.lookup().names();
        for (int n = 0; n < lists.size(); n++) {
            if (lists.get(n).elements > 0) {
                return names.subList(0, n + 1);
            }
        }
        return names;
    }

    /** Whether the names to read are all that there may be, so that nothing was missed when none of them has a list any more. */
    boolean isComplete() {
        return names().size() == lists.size();
    }

    /** The hosts whose dead sets are read. A set that holds much more than the indexes of a list is left out. */
    List<String> deadSets() {
        List<String> hosts = new ArrayList<>();
        for (int n = 0; n < deadSets.size(); n++) {
            if (!isTooLarge(deadSets.get(n))) {
                hosts.add(pending.lookup().names().get(n));
            }
        }
        return hosts;
    }

    private boolean isTooLarge(Size set) {
        return set.elements > 2L * bounds.entries() || set.bytes > 2L * bounds.bytes();
    }

    /** About the bytes that the transaction will read of the frontend. */
    private long bytes() {
        long bytes = 0;
        for (Size list : lists) {
            bytes = Math.max(bytes, list.bytes);
        }
        for (Size set : deadSets) {
            bytes += isTooLarge(set) ? 0 : Math.max(0, set.bytes);
        }
        return bytes;
    }
}
