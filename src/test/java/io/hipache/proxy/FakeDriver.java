package io.hipache.proxy;

import io.hipache.routing.Driver;
import io.hipache.routing.HostLookup;
import java.util.AbstractList;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A store in a map, which answers at once unless it is told to hold its answers back. */
public final class FakeDriver implements Driver {
    public final List<DeadBackend> deaths = new ArrayList<>();
    private final Map<String, List<String>> frontends = new HashMap<>();
    private final Set<Integer> dead = new HashSet<>();
    private final Deque<Runnable> held = new ArrayDeque<>();
    private boolean holding;
    private boolean away;
    private @Nullable Marking refusal;
    private boolean tooLarge;
    private boolean wrongType;

    public void frontend(String host, String... entries) {
        frontends.put(host, List.of(entries));
    }

    /** From now on the store cannot be asked. */
    public void goAway() {
        away = true;
    }

    /** From now on no backend is marked dead, for this reason. */
    public void refuseMarks(Marking reason) {
        refusal = reason;
    }

    /** From now on every frontend is over a bound. */
    public void growTooLarge() {
        tooLarge = true;
    }

    /** From now on every frontend is a key of another type than a list. */
    public void becomeOfTheWrongType() {
        wrongType = true;
    }

    /** From now on the frontend of the host has a list that throws when it is read. */
    public void breakFrontend(String host) {
        frontends.put(host, new AbstractList<>() {
            @Override
            public String get(int index) {
                throw new IllegalStateException("broken for a test");
            }

            @Override
            public int size() {
                return 2;
            }
        });
    }

    /** Marks a backend of every frontend dead. */
    public void dead(int index) {
        dead.add(index);
    }

    /** From now on answers wait for {@link #answer}. */
    public void hold() {
        holding = true;
    }

    public void answer() {
        held.remove().run();
    }

    @Override
    public void read(HostLookup lookup, ReadCallback callback) {
        Runnable answer = () -> {
            if (away) {
                callback.unavailable("away");
            } else if (tooLarge) {
                callback.tooLarge();
            } else if (wrongType) {
                callback.wrongType();
            } else {
                callback.rows(rows(lookup));
            }
        };
        if (holding) {
            held.add(answer);
        } else {
            answer.run();
        }
    }

    private Rows rows(HostLookup lookup) {
        for (String name : lookup.names()) {
            List<String> entries = frontends.get(name);
            if (entries != null) {
                return new Rows(name, entries, Set.copyOf(dead));
            }
        }
        return new Rows(null, List.of(), Set.of());
    }

    @Override
    public void markDead(DeadBackend backend, Consumer<Marking> told) {
        if (refusal != null) {
            told.accept(refusal);
            return;
        }
        deaths.add(backend);
        dead.add(backend.index());
        told.accept(Marking.MARKED);
    }

    @Override
    public boolean answersFromCopy() {
        return false;
    }

    @Override
    public boolean isReachable() {
        return !away;
    }

    @Override
    public boolean activeCheckerAlive() {
        return false;
    }

    @Override
    public void close() {}
}
