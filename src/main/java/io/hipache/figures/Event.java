package io.hipache.figures;

import java.util.List;

/**
 * Something that happened in a worker.
 *
 * @param millis when, in milliseconds since the epoch
 * @param host the name of the frontend, empty when the event is about none
 * @param subject the URL of the backend, or the limit
 * @param detail what became of a mark, or how often; may be empty
 */
public record Event(long millis, Kind kind, String host, String subject, String detail) {
    private static final List<Kind> KINDS = List.of(Kind.values());

    /** What happened. */
    public enum Kind {
        /** A backend was found dead. */
        MARK,
        /** A backend that this worker had marked has answered again. */
        REVIVAL,
        /** A limit was in the way. */
        LIMIT
    }

    void write(FigureWriter out) {
        out.number(millis);
        out.number(EnumCounts.index(kind));
        out.text(host, FigureText.NAME);
        out.text(subject, FigureText.BACKEND);
        out.text(detail, FigureText.BACKEND);
    }

    static Event read(FigureReader in) throws MalformedFiguresException {
        return new Event(
                in.number(),
                KINDS.get(in.upTo(KINDS.size() - 1)),
                in.text(FigureText.NAME),
                in.text(FigureText.BACKEND),
                in.text(FigureText.BACKEND));
    }
}
