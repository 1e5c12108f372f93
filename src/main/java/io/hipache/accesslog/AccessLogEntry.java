package io.hipache.accesslog;

/**
 * One exchange that had a backend, at its end. Times are in nanoseconds unless they say otherwise.
 *
 * @param clientAddress as the log shows it, {@code ::ffff:127.0.0.1}
 * @param startMillis wall-clock start, milliseconds since the epoch
 * @param requestLine such as {@code GET / HTTP/1.1}, as received
 * @param bytes written to the client for this exchange, head included
 * @param referer empty when absent
 * @param userAgent empty when absent
 */
public record AccessLogEntry(
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

    /** The same exchange so much later, when so many more bytes have been written to the client. */
    public AccessLogEntry later(long moreBytes, long nanos) {
        return new AccessLogEntry(
                clientAddress,
                startMillis,
                requestLine,
                status,
                bytes + moreBytes,
                referer,
                userAgent,
                virtualHost,
                totalNanos + nanos,
                backendNanos + nanos);
    }
}
