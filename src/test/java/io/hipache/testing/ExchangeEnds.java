package io.hipache.testing;

import io.hipache.outcome.AttemptOutcome;
import io.hipache.outcome.EndReason;
import io.hipache.outcome.ExchangeEnd;
import java.util.List;

/** Ends of exchanges, of which a test names what it looks at. */
public final class ExchangeEnds {
    private ExchangeEnds() {}

    /** One that a backend answered: what a line of the access log shows. */
    public static ExchangeEnd answered(
            String clientAddress,
            long startMillis,
            String requestLine,
            int status,
            long bytes,
            String referer,
            String userAgent,
            String virtualHost,
            long totalNanos,
            long backendNanos) {
        AttemptOutcome attempt = new AttemptOutcome("http://b:81/", 1, EndReason.ANSWERED, 0, 0, 0, backendNanos);
        return new ExchangeEnd(
                "127.0.0.1:80",
                "HTTP/1.1",
                "0190163d-8694-739b-aea5-966c26f8ad91",
                "",
                clientAddress,
                startMillis,
                requestLine,
                "www.example.com",
                referer,
                userAgent,
                "*.example.com",
                virtualHost,
                false,
                List.of(attempt),
                status,
                EndReason.ANSWERED,
                0,
                bytes,
                bytes,
                0,
                totalNanos);
    }

    /** One for a frontend of this name, empty for none. */
    public static ExchangeEnd of(
            String frontend,
            int status,
            EndReason reason,
            List<AttemptOutcome> attempts,
            long lookupNanos,
            long totalNanos) {
        return new ExchangeEnd(
                "127.0.0.1:80",
                "HTTP/1.1",
                "",
                "",
                "::ffff:127.0.0.1",
                1_000_000,
                "GET / HTTP/1.1",
                "www.example.com",
                "",
                "",
                frontend,
                "example",
                false,
                attempts,
                status,
                reason,
                100,
                1_000,
                900,
                lookupNanos,
                totalNanos);
    }
}
