package io.hipache.frontends;

import io.hipache.frontends.FrontendFile.Wanted;
import io.hipache.frontends.FrontendScan.Frontend;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What has to change in the store so that it has what a file describes. Each frontend changes in one atomic step. */
public final class Difference {

    private final List<Step> steps;
    private final int stored;

    private Difference(List<Step> steps, int stored) {
        this.steps = List.copyOf(steps);
        this.stored = stored;
    }

    /** What a step does. */
    public enum Kind {
        ADD,
        CHANGE,
        REMOVE,
        /** The key is no list, and is left alone. */
        WRONG_TYPE
    }

    /**
     * One frontend that differs.
     *
     * @param before null when there is none
     * @param after null when there should be none
     */
    public record Step(Kind kind, String name, @Nullable Wanted before, @Nullable Wanted after) {

        /** What changes, one line for each entry. */
        public List<String> lines() {
            List<String> lines = new ArrayList<>();
            Wanted old = before == null ? new Wanted("", List.of()) : before;
            Wanted now = after == null ? new Wanted("", List.of()) : after;
            if (!old.id().equals(now.id())) {
                if (!old.id().isEmpty()) {
                    lines.add("- id " + old.id());
                }
                if (!now.id().isEmpty()) {
                    lines.add("+ id " + now.id());
                }
            }
            List<String> gone = new ArrayList<>(old.backends());
            now.backends().forEach(gone::remove);
            List<String> added = new ArrayList<>(now.backends());
            old.backends().forEach(added::remove);
            gone.forEach(entry -> lines.add("- " + entry));
            added.forEach(entry -> lines.add("+ " + entry));
            if (lines.isEmpty()) {
                lines.add("~ another order");
            }
            return lines;
        }
    }

    /**
     * Compares.
     *
     * @param prune whether frontends are removed that the file does not have
     */
    public static Difference between(StoreConnection store, FrontendFile file, boolean prune) throws StoreException {
        Map<String, Frontend> there = new HashMap<>();
        FrontendScan.all(store, "*").forEach(frontend -> there.put(frontend.name(), frontend));
        Map<String, Step> steps = new TreeMap<>();
        file.frontends().forEach((name, wanted) -> {
            Frontend old = there.get(name);
            if (old == null) {
                steps.put(name, new Step(Kind.ADD, name, null, wanted));
            } else if (!old.isList()) {
                steps.put(name, new Step(Kind.WRONG_TYPE, name, null, wanted));
            } else if (!wanted.equals(stored(old))) {
                steps.put(name, new Step(Kind.CHANGE, name, stored(old), wanted));
            }
        });
        if (prune) {
            there.values().stream()
                    .filter(old -> old.isList() && !file.frontends().containsKey(old.name()))
                    .forEach(old -> steps.put(old.name(), new Step(Kind.REMOVE, old.name(), stored(old), null)));
        }
        return new Difference(new ArrayList<>(steps.values()), there.size());
    }

    private static Wanted stored(Frontend frontend) {
        return new Wanted(frontend.identifier(), frontend.entries());
    }

    public List<Step> steps() {
        return steps;
    }

    /** How many steps are of a kind. */
    public long count(Kind kind) {
        return steps.stream().filter(step -> step.kind() == kind).count();
    }

    /** Whether over half of what is stored would go: that may be the wrong file. */
    public boolean isDrastic() {
        return 2 * count(Kind.REMOVE) > stored;
    }

    /** Makes the changes. */
    public void apply(Change change) throws StoreException, InvalidInputException {
        for (Step step : steps) {
            Wanted after = step.after();
            if (step.kind() == Kind.REMOVE) {
                change.delete(step.name());
            } else if (step.kind() != Kind.WRONG_TYPE && after != null) {
                change.set(step.name(), after.id(), after.backends());
            }
        }
    }
}
