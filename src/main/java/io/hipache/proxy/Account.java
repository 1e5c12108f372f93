package io.hipache.proxy;

import io.hipache.accesslog.AccessLogEntry;
import io.hipache.http.Fields;
import io.hipache.http.KnownField;
import io.hipache.http.RequestHead;
import org.jspecify.annotations.Nullable;

/** What an exchange remembers from its start for its debug headers and its access-log line. */
final class Account {
    private final Client client;
    private final RequestHead request;
    private final long startMillis = System.currentTimeMillis();
    private final long startNanos = System.nanoTime();
    private final long bytesBefore;

    Account(Client client, RequestHead request) {
        this.client = client;
        this.request = request;
        this.bytesBefore = client.bytesWritten();
    }

    /**
     * The debug headers of a response, {@link DebugHeaders#NONE} for a request without {@code X-Debug}.
     *
     * @param last the attempt that answers or failed last, null when there was none
     */
    DebugHeaders debugHeaders(String version, @Nullable String error, @Nullable Attempt last) {
        if (!request.fields().contains(KnownField.X_DEBUG)) {
            return DebugHeaders.NONE;
        }
        if (last == null) {
            return new DebugHeaders(version, error, null, 0, 0);
        }
        long now = System.nanoTime();
        return new DebugHeaders(version, error, last.route(), now - startNanos, now - last.startNanos());
    }

    AccessLogEntry close(int status, Attempt last) {
        Fields fields = request.fields();
        ClientIdentity who = client.identity();
        String realIp = who.trusted() ? fields.first(KnownField.X_REAL_IP) : null;
        long now = System.nanoTime();
        return new AccessLogEntry(
                realIp == null ? who.address() : who.spelled(realIp),
                startMillis,
                request.line(),
                status,
                client.bytesWritten() - bytesBefore,
                orEmpty(fields.first(KnownField.REFERER)),
                orEmpty(fields.first(KnownField.USER_AGENT)),
                last.route().frontend().virtualHost(),
                now - startNanos,
                now - last.startNanos());
    }

    private static String orEmpty(@Nullable String value) {
        return value == null ? "" : value;
    }
}
