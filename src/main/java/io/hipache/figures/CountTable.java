package io.hipache.figures;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts for the names with the most weight, such as the hosts with the most requests, and the sum for all others. Its size is
 * fixed. What is counted for a name without a row weakens one row, and takes its place when nothing is left of it, as in the
 * algorithm of Misra and Gries. So a name keeps its row if it gets more weight than all names without a row have for each row.
 * The counts of a row that goes are added to those of the others, so no sum ever gets smaller. Not for several threads at a
 * time.
 */
public final class CountTable<C extends Counts<C>> {
    /** A name that nothing is counted for any more loses its row sooner or later, however much it had. */
    private static final long MOST_WEIGHT = 1 << 24;

    /** Once a second each row loses this part of its weight. */
    private static final int DECAY_SHIFT = 6;

    private final Map<String, Place<C>> rows = new HashMap<>();
    private final @Nullable Place<C>[] places;
    private final Supplier<C> ofRow;
    private final Supplier<C> ofOthers;
    private final C others;
    private int hand;

    /** One name. */
    private static final class Place<C> {
        private final String name;
        private final C counts;
        private long weight;

        Place(String name, C counts) {
            this.name = name;
            this.counts = counts;
        }
    }

    /** A name and its counts. */
    public record Row<C>(String name, C counts) {}

    /**
     * An empty table.
     *
     * @param capacity how many names have a row
     * @param ofRow makes the counts of a row
     * @param ofOthers makes those of all names without a row
     */
    @SuppressWarnings("unchecked")
    CountTable(int capacity, Supplier<C> ofRow, Supplier<C> ofOthers) {
        this.places = (Place<C>[]) new Place<?>[capacity];
        this.ofRow = ofRow;
        this.ofOthers = ofOthers;
        this.others = ofOthers.get();
    }

    int capacity() {
        return places.length;
    }

    /** Where so much more is counted for a name: in its row, or with what is counted for all others. */
    C of(String name, long weight) {
        String fitting = FigureText.fit(name, FigureText.NAME);
        Place<C> row = rows.get(fitting);
        if (row == null) {
            row = admit(fitting, weight);
            if (row == null) {
                return others;
            }
        }
        row.weight = Math.min(MOST_WEIGHT, row.weight + weight);
        return row.counts;
    }

    private @Nullable Place<C> admit(String name, long weight) {
        if (places.length == 0) {
            return null;
        }
        Place<C> present = places[hand];
        if (present != null) {
            present.weight -= weight;
            if (present.weight > 0) {
                next();
                return null;
            }
            others.add(present.counts);
            rows.remove(present.name);
        }
        Place<C> row = new Place<>(name, ofRow.get());
        places[hand] = row;
        rows.put(row.name, row);
        next();
        return row;
    }

    private void next() {
        hand = (hand + 1) % places.length;
    }

    /** The counts of a name that has a row. */
    public @Nullable C get(String name) {
        Place<C> row = rows.get(name);
        return row == null ? null : row.counts;
    }

    /** All names without a row. */
    public C others() {
        return others;
    }

    /** All names that have a row, those with the most weight first. */
    public List<Row<C>> all() {
        return rows.values().stream()
                .map(row -> new Row<>(row.name, row.counts))
                .sorted(Comparator.comparingLong((Row<C> row) -> row.counts().weight())
                        .reversed()
                        .thenComparing(Row::name))
                .toList();
    }

    /** To be called once a second. */
    void decay() {
        for (Place<C> row : rows.values()) {
            row.weight -= row.weight >> DECAY_SHIFT;
            row.counts.decay();
        }
    }

    /** Begins anew to count; names keep their rows. */
    void clear() {
        for (Place<C> row : rows.values()) {
            if (row.counts.weight() > 0) {
                row.counts.clear();
            }
        }
        others.clear();
    }

    void add(CountTable<C> more) {
        for (Row<C> row : more.all()) {
            of(row.name, row.counts.weight()).add(row.counts);
        }
        others.add(more.others);
    }

    /** The same counts in a table of another size. */
    CountTable<C> resized(int capacity) {
        CountTable<C> other = new CountTable<>(capacity, ofRow, ofOthers);
        List<Place<C>> heaviest = Arrays.stream(places)
                .filter(Objects::nonNull)
                .sorted(Comparator.comparingLong((Place<C> row) -> -row.weight))
                .toList();
        for (int i = 0; i < heaviest.size(); i++) {
            Place<C> row = heaviest.get(i);
            if (i < capacity) {
                other.places[i] = row;
                other.rows.put(row.name, row);
            } else {
                other.others.add(row.counts);
            }
        }
        other.hand = heaviest.size() < capacity ? heaviest.size() : 0;
        other.others.add(others);
        return other;
    }

    /**
     * Writes the names for which something was counted, and adds to the others what would be longer than {@code mostBytes}. The
     * parts that a row could leave out are written in the first half.
     */
    void write(FigureWriter out, int mostBytes) {
        C rest = ofOthers.get();
        rest.add(others);
        FigureWriter written = new FigureWriter();
        int number = 0;
        for (Row<C> row : all()) {
            if (row.counts.weight() == 0) {
                continue;
            }
            if (written.length() < mostBytes) {
                written.text(row.name, FigureText.NAME);
                row.counts.write(written, mostBytes / 2 - written.length());
                number++;
            } else {
                rest.add(row.counts);
            }
        }
        out.number(number);
        out.append(written);
        rest.write(out, 0);
    }

    /** Reads into an empty table. */
    void read(FigureReader in) throws MalformedFiguresException {
        int number = in.upTo(places.length);
        for (int i = 0; i < number; i++) {
            of(in.text(FigureText.NAME), 1).read(in);
        }
        others.read(in);
    }
}
