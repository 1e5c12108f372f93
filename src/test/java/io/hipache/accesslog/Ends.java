package io.hipache.accesslog;

import io.hipache.outcome.AttemptOutcome;
import io.hipache.outcome.EndReason;
import io.hipache.outcome.ExchangeEnd;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Ends of requests of the kinds that a line may tell of. */
final class Ends {
    /** 16 February 2014, 00:43:10.007 UTC. */
    static final long START = 1_392_511_390_007L;

    private static final long MILLI = 1_000_000;

    private Ends() {}

    /** The first backend refused the connection, the second one answered. */
    static ExchangeEnd retried() {
        return end(
                "HTTP/1.1",
                "::ffff:192.0.2.77",
                "GET /a?token=1 HTTP/1.1",
                "www.example.com",
                "http://r.example/p?q=2",
                "curl/7.30.0",
                List.of(
                        new AttemptOutcome("http://one:81/", 0, EndReason.CONNECT_REFUSED, 0, 0, 0, MILLI),
                        new AttemptOutcome(
                                "http://two:82/", 1, EndReason.ANSWERED, 2 * MILLI, 3 * MILLI, 4_567_890, 10 * MILLI)),
                200,
                EndReason.ANSWERED);
    }

    /** No backend, no look-up, no readable request. */
    static ExchangeEnd unreadable(String startLine) {
        return new ExchangeEnd(
                "127.0.0.1:80",
                "",
                "",
                "",
                "::ffff:192.0.2.77",
                START,
                startLine,
                "",
                "",
                "",
                "",
                "",
                false,
                List.of(),
                400,
                EndReason.MALFORMED_REQUEST,
                0,
                150,
                29,
                0,
                0);
    }

    /** A stream of HTTP/2 that was reset. */
    static ExchangeEnd reset() {
        return end("HTTP/2.0", "2001:db8::1", "GET / HTTP/2.0", "", "", "", List.of(), 0, EndReason.LIMIT_REQUESTS);
    }

    static ExchangeEnd end(
            String protocol,
            String address,
            String requestLine,
            String host,
            String referer,
            String userAgent,
            List<AttemptOutcome> attempts,
            int status,
            EndReason reason) {
        return new ExchangeEnd(
                "127.0.0.1:80",
                protocol,
                "id-1",
                "",
                address,
                START,
                requestLine,
                host,
                referer,
                userAgent,
                host.isEmpty() ? "" : "*.example.com",
                host.isEmpty() ? "" : "site",
                false,
                attempts,
                status,
                reason,
                77,
                3236,
                status == 0 ? 0 : 3000,
                host.isEmpty() ? 0 : MILLI / 2,
                11 * MILLI);
    }

    /** The line of one end, without its line feed. */
    static String line(LineFormat format, ExchangeEnd end) {
        LineBuffer buffer = new LineBuffer();
        format.append(end, buffer);
        String text = new String(buffer.array(), 0, buffer.length(), StandardCharsets.ISO_8859_1);
        if (text.indexOf('\n') != text.length() - 1) {
            throw new AssertionError("not one line: " + text);
        }
        return text.substring(0, text.length() - 1);
    }
}
