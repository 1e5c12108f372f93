package io.hipache.figures;

import io.hipache.outcome.EndReason;
import io.hipache.outcome.ExchangeEnd;

/**
 * A request, or one attempt of it, that failed.
 *
 * @param millis when, in milliseconds since the epoch
 * @param host the name of the frontend
 * @param backend its URL, empty when none was chosen
 * @param reason {@link EndReason#ANSWERED} when the backend answered with a 5xx
 * @param status of the answer of the whole request
 */
public record Failure(long millis, String host, String backend, EndReason reason, int status) {
    private static final EndReason[] REASONS = EndReason.values();
    private static final int MOST_STATUS = 999;

    /** Whether an attempt of a request failed, or was answered with a 5xx. */
    static boolean isOne(ExchangeEnd end, int attempt) {
        EndReason reason = end.attempts().get(attempt).reason();
        boolean last = attempt == end.attempts().size() - 1;
        return isOne(reason) || (last && reason == EndReason.ANSWERED && end.status() >= 500);
    }

    static boolean isOne(EndReason reason) {
        return switch (reason) {
            case ANSWERED, TUNNEL_CLOSED, CLIENT_GONE, PING, READY, DRAINING, MAX_FORWARDS -> false;
            default -> true;
        };
    }

    void write(FigureWriter out) {
        out.number(millis);
        out.text(host, FigureText.NAME);
        out.text(backend, FigureText.BACKEND);
        out.number(EnumCounts.index(reason));
        out.number(status);
    }

    static Failure read(FigureReader in) throws MalformedFiguresException {
        return new Failure(
                in.number(),
                in.text(FigureText.NAME),
                in.text(FigureText.BACKEND),
                REASONS[in.upTo(REASONS.length - 1)],
                in.upTo(MOST_STATUS));
    }
}
