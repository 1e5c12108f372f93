package io.hipache.figures;

import io.hipache.outcome.EndReason;
import io.hipache.outcome.ExchangeEnd;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Requests by listener, protocol, status class and reason. Not for several threads at a time. */
public final class RequestCounts {
    /** Further listeners are counted as one. */
    static final int MOST_LISTENERS = 64;

    private static final String OTHER = "other";
    private static final EndReason[] REASONS = EndReason.values();
    private static final int CELLS = ProtocolLabel.NUMBER * StatusClass.NUMBER * REASONS.length;

    private final Map<String, long[]> listeners = new LinkedHashMap<>();

    /** Receives a number of requests that is not 0. */
    @FunctionalInterface
    public interface Visitor {
        void requests(String listener, String protocol, StatusClass status, EndReason reason, long number);
    }

    void count(ExchangeEnd end) {
        cells(end.listener())[cell(ProtocolLabel.of(end.protocol()), StatusClass.of(end.status()), end.reason())]++;
    }

    private static int cell(ProtocolLabel protocol, StatusClass status, EndReason reason) {
        int place = EnumCounts.index(protocol) * StatusClass.NUMBER + EnumCounts.index(status);
        return place * REASONS.length + EnumCounts.index(reason);
    }

    private long[] cells(String listener) {
        long[] cells = listeners.get(listener);
        if (cells == null) {
            String name = listeners.size() < MOST_LISTENERS ? listener : OTHER;
            cells = listeners.computeIfAbsent(name, unused -> new long[CELLS]);
        }
        return cells;
    }

    /** Shows all numbers, in an order that does not change. */
    public void forEach(Visitor visitor) {
        ProtocolLabel[] protocols = ProtocolLabel.values();
        StatusClass[] statuses = StatusClass.values();
        listeners.forEach((listener, cells) -> {
            for (int i = 0; i < CELLS; i++) {
                if (cells[i] != 0) {
                    int rest = i / REASONS.length;
                    visitor.requests(
                            listener,
                            protocols[rest / StatusClass.NUMBER].label(),
                            statuses[rest % StatusClass.NUMBER],
                            REASONS[i % REASONS.length],
                            cells[i]);
                }
            }
        });
    }

    void add(RequestCounts more) {
        more.listeners.forEach((listener, added) -> {
            Sums.addAll(cells(listener), added);
        });
    }

    void clear() {
        listeners.values().forEach(cells -> Arrays.fill(cells, 0));
    }

    void write(FigureWriter out) {
        out.number(listeners.size());
        listeners.forEach((listener, cells) -> {
            out.text(listener, FigureText.NAME);
            out.sparse(cells);
        });
    }

    void read(FigureReader in) throws MalformedFiguresException {
        int number = in.upTo(MOST_LISTENERS + 1);
        for (int i = 0; i < number; i++) {
            in.sparse(cells(in.text(FigureText.NAME)));
        }
    }
}
