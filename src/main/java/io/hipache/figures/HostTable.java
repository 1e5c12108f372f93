package io.hipache.figures;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Counts for the hosts with the most requests, and the sum for all others. Its size is fixed. Each request for a host without
 * a row weakens one row, and takes its place when nothing is left of it, as in the algorithm of Misra and Gries. So a host
 * keeps its row if more requests are for it than all hosts without a row have for each row. The counts of a row that goes are
 * added to those of the others, so no sum ever gets smaller. Not for several threads at a time.
 */
public final class HostTable {
    /** A host that has no requests any more loses its row sooner or later, however many it had. */
    private static final long MOST_WEIGHT = 1 << 24;

    /** Once a second each row loses this part of its weight. */
    private static final int DECAY_SHIFT = 6;

    private final Map<String, Row> rows = new HashMap<>();
    private final @Nullable Row[] places;
    private final HostCounts others = new HostCounts();
    private int hand;

    /** One host. */
    private static final class Row {
        private final String name;
        private final HostCounts counts = new HostCounts();
        private long weight;

        Row(String name) {
            this.name = name;
        }
    }

    /** A host and its counts. */
    public record Host(String name, HostCounts counts) {}

    /** @param capacity how many hosts have a row, at least 1 */
    HostTable(int capacity) {
        this.places = new Row[capacity];
    }

    int capacity() {
        return places.length;
    }

    /** Where so many more requests for a host are counted: in its row, or with those for all others. */
    HostCounts of(String host, long requests) {
        String name = FigureText.fit(host, FigureText.NAME);
        Row row = rows.get(name);
        if (row == null) {
            row = admit(name, requests);
            if (row == null) {
                return others;
            }
        }
        row.weight = Math.min(MOST_WEIGHT, row.weight + requests);
        return row.counts;
    }

    private @Nullable Row admit(String host, long requests) {
        Row present = places[hand];
        if (present != null) {
            present.weight -= requests;
            if (present.weight > 0) {
                next();
                return null;
            }
            others.add(present.counts);
            rows.remove(present.name);
        }
        Row row = new Row(host);
        places[hand] = row;
        rows.put(row.name, row);
        next();
        return row;
    }

    private void next() {
        hand = (hand + 1) % places.length;
    }

    /** The counts of a host that has a row. */
    public @Nullable HostCounts get(String host) {
        Row row = rows.get(host);
        return row == null ? null : row.counts;
    }

    /** All hosts without a row. */
    public HostCounts others() {
        return others;
    }

    /** All hosts that have a row, those with the most requests first. */
    public List<Host> all() {
        return rows.values().stream()
                .map(row -> new Host(row.name, row.counts))
                .sorted(Comparator.comparingLong((Host host) -> host.counts().requests())
                        .reversed()
                        .thenComparing(Host::name))
                .toList();
    }

    /** To be called once a second. */
    void decay() {
        for (Row row : rows.values()) {
            row.weight -= row.weight >> DECAY_SHIFT;
        }
    }

    /** Begins anew to count; hosts keep their rows. */
    void clear() {
        rows.values().forEach(row -> row.counts.clear());
        others.clear();
    }

    void add(HostTable more) {
        for (Host host : more.all()) {
            of(host.name, host.counts.requests()).add(host.counts);
        }
        others.add(more.others);
    }

    /** The same counts in a table of another size. */
    HostTable resized(int capacity) {
        HostTable other = new HostTable(capacity);
        Row[] heaviest = Arrays.stream(places)
                .filter(Objects::nonNull)
                .sorted(Comparator.comparingLong((Row row) -> -row.weight))
                .toArray(Row[]::new);
        for (int i = 0; i < heaviest.length; i++) {
            if (i < capacity) {
                other.places[i] = heaviest[i];
                other.rows.put(heaviest[i].name, heaviest[i]);
            } else {
                other.others.add(heaviest[i].counts);
            }
        }
        other.hand = heaviest.length < capacity ? heaviest.length : 0;
        other.others.add(others);
        return other;
    }

    /** Writes the hosts that had requests, and adds to the others what would be longer than {@code mostBytes}. */
    void write(FigureWriter out, int mostBytes) {
        HostCounts rest = new HostCounts();
        rest.add(others);
        FigureWriter written = new FigureWriter();
        int number = 0;
        for (Row row : rows.values()) {
            if (row.counts.requests() == 0) {
                continue;
            }
            if (written.length() < mostBytes) {
                written.text(row.name, FigureText.NAME);
                row.counts.write(written);
                number++;
            } else {
                rest.add(row.counts);
            }
        }
        out.number(number);
        out.append(written);
        rest.write(out);
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
