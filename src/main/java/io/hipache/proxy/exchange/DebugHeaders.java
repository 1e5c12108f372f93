package io.hipache.proxy.exchange;

import io.hipache.outcome.AttemptOutcome;
import io.hipache.outcome.ExchangeEnd;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The {@code x-debug-*} headers of a response to a request with {@code X-Debug} (Hipache lib/worker.js).
 *
 * @param version of this program
 * @param error the message of an error page, null on the answer of a backend
 * @param soFar the exchange as it would be reported if it ended now; null for a response without these headers
 */
public record DebugHeaders(String version, @Nullable String error, @Nullable ExchangeEnd soFar) {

    /** For a response to a request without {@code X-Debug}. */
    public static final DebugHeaders NONE = new DebugHeaders("", null, null);

    /** Whose requests with {@code X-Debug} are answered with these headers, which tell the addresses of backends. */
    public enum Audience {
        /** The proxies whose word counts, see {@link ClientIdentity#trusted}. */
        TRUSTED,
        ALL,
        NOBODY
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        return soFar == null;
    }

    /** Hands out names, in lower case, and values. */
    public void forEach(BiConsumer<String, String> out) {
        if (soFar == null) {
            return;
        }
        if (error != null) {
            out.accept("x-debug-error", safe(error));
            out.accept("x-debug-reason", soFar.reason().word());
        }
        out.accept("x-debug-version-hipache", safe(version));
        if (!soFar.requestId().isEmpty()) {
            out.accept("x-debug-request-id", soFar.requestId());
        }
        if (soFar.stale()) {
            out.accept("x-debug-stale", "true");
        }
        if (soFar.hadBackend()) {
            AttemptOutcome last = soFar.lastAttempt();
            out.accept("x-debug-backend-url", safe(last.backendUrl()));
            out.accept("x-debug-backend-id", Integer.toString(last.backendIndex()));
            out.accept("x-debug-vhost", safe(soFar.virtualHost()));
            out.accept("x-debug-frontend-key", safe(soFar.requestedHost()));
            out.accept("x-debug-time-total", millis(soFar.totalNanos()));
            out.accept("x-debug-time-backend", millis(last.totalNanos()));
        }
    }

    private static String millis(long nanos) {
        return Long.toString(TimeUnit.NANOSECONDS.toMillis(nanos));
    }

    /** The store's values are anybody's: a line break in one must not become a header. */
    private static String safe(String value) {
        StringBuilder safe = new StringBuilder(value.length());
        value.codePoints().forEach(c -> safe.appendCodePoint(c < 0x20 || c == 0x7f ? ' ' : c));
        return safe.toString();
    }
}
