package io.hipache.accesslog;

import io.hipache.outcome.AttemptOutcome;
import io.hipache.outcome.ExchangeEnd;

/**
 * The line of {@link HipacheFormat}, and behind it what became of the request: host, backend, index of the backend, attempts,
 * reason, seconds of the look-up, of waiting for a socket, of connecting and until the head of the response, request id,
 * protocol. What there is not, is a hyphen.
 */
final class ExtendedFormat implements LineFormat {
    private static final byte[] NO_BACKEND = {' ', '"', '-', '"', ' ', '-'};

    private final HipacheFormat hipache;

    ExtendedFormat(Shown shown) {
        this.hipache = new HipacheFormat(shown);
    }

    @Override
    public void append(ExchangeEnd end, LineBuffer line) {
        hipache.appendFields(end, line);
        AttemptOutcome last = end.hadBackend() ? end.lastAttempt() : null;
        appendText(end.requestedHost(), line);
        if (last == null) {
            line.append(NO_BACKEND);
        } else {
            appendText(HipacheFormat.utf8Bytes(last.backendUrl()), line);
            line.append(' ');
            line.append(last.backendIndex());
        }
        line.append(' ');
        line.append(end.attempts().size());
        appendText(end.reason().word(), line);
        appendSeconds(end.requestedHost().isEmpty() ? -1 : end.lookupNanos(), line);
        appendSeconds(last == null ? -1 : last.waitNanos(), line);
        appendSeconds(last == null ? -1 : last.connectNanos(), line);
        appendSeconds(last == null || last.firstByteNanos() == 0 ? -1 : last.firstByteNanos(), line);
        appendText(end.requestId(), line);
        appendText(end.protocol(), line);
        line.append('\n');
    }

    private static void appendText(String text, LineBuffer line) {
        line.append(' ');
        line.appendQuoted(text.isEmpty() ? "-" : text);
    }

    private static void appendSeconds(long nanos, LineBuffer line) {
        line.append(' ');
        if (nanos < 0) {
            line.append('-');
        } else {
            line.appendSeconds(nanos, 3);
        }
    }
}
