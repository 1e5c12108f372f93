package io.hipache.accesslog;

import io.hipache.outcome.AttemptOutcome;
import io.hipache.outcome.ExchangeEnd;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One object of JSON a line. {@code docs/access-log.schema.json} says what its names mean. Every name is in every line; what
 * there is not, is null.
 */
final class JsonFormat implements LineFormat {
    /** A line names the last ones of so many failed attempts, so that its length is bounded. */
    static final int MOST_FAILED = 8;

    private static final byte[] NULL = ascii("null");
    private static final byte[] TRUE = ascii("true");
    private static final byte[] FALSE = ascii("false");

    private static final byte[] TIME = ascii("{\"time\":\"");
    private static final byte[] REQUEST_ID = ascii("\",\"request_id\":");
    private static final byte[] TRACE_PARENT = name("trace_parent");
    private static final byte[] CLIENT = name("client");
    private static final byte[] LISTENER = name("listener");
    private static final byte[] PROTOCOL = name("protocol");
    private static final byte[] METHOD = name("method");
    private static final byte[] TARGET = name("target");
    private static final byte[] UNREADABLE = name("unreadable");
    private static final byte[] HOST = name("host");
    private static final byte[] REFERER = name("referer");
    private static final byte[] USER_AGENT = name("user_agent");
    private static final byte[] STATUS = name("status");
    private static final byte[] REASON = name("reason");
    private static final byte[] BYTES_RECEIVED = name("bytes_received");
    private static final byte[] BYTES_SENT = name("bytes_sent");
    private static final byte[] FRONTEND = name("frontend");
    private static final byte[] VIRTUAL_HOST = name("virtual_host");
    private static final byte[] STALE = name("stale");
    private static final byte[] ATTEMPTS = name("attempts");
    private static final byte[] FAILED_ATTEMPTS = ascii(",\"failed_attempts\":[");
    private static final byte[] FIRST_BACKEND = ascii("{\"backend\":");
    private static final byte[] BACKEND = name("backend");
    private static final byte[] BACKEND_INDEX = name("backend_index");
    private static final byte[] BACKEND_TIME = name("backend_time");
    private static final byte[] LOOKUP_TIME = name("lookup_time");
    private static final byte[] WAIT_TIME = name("wait_time");
    private static final byte[] CONNECT_TIME = name("connect_time");
    private static final byte[] FIRST_BYTE_TIME = name("first_byte_time");
    private static final byte[] TOTAL_TIME = name("total_time");
    private static final byte[] END = ascii("}\n");

    private final Shown shown;
    private final IsoTime time = new IsoTime();

    JsonFormat(Shown shown) {
        this.shown = shown;
    }

    @Override
    public void append(ExchangeEnd end, LineBuffer line) {
        line.append(TIME);
        time.append(end.startMillis(), line);
        appendBytes(REQUEST_ID, end.requestId(), line);
        appendBytes(TRACE_PARENT, end.traceParent(), line);
        String address = shown.address(end);
        appendBytes(CLIENT, address, ShortAddress.startOfPlain(address), address.length(), line);
        appendBytes(LISTENER, end.listener(), line);
        appendRequest(end, line);
        appendBytes(HOST, end.requestedHost(), line);
        appendBytes(REFERER, shown.referer(end), line);
        appendBytes(USER_AGENT, end.userAgent(), line);
        appendNumber(STATUS, end.status() == 0 ? -1 : end.status(), line);
        appendText(REASON, end.reason().word(), line);
        appendNumber(BYTES_RECEIVED, end.bytesReceived(), line);
        appendNumber(BYTES_SENT, end.bytes(), line);
        appendText(FRONTEND, end.frontendKey(), line);
        appendText(VIRTUAL_HOST, end.virtualHost(), line);
        line.append(STALE);
        line.append(end.stale() ? TRUE : FALSE);
        appendAttempts(end.attempts(), line);
        appendSeconds(LOOKUP_TIME, end.requestedHost().isEmpty() ? -1 : end.lookupNanos(), line);
        appendSeconds(TOTAL_TIME, end.totalNanos(), line);
        line.append(END);
    }

    /** Three parts of a request line that could be read; else what there is of it. */
    private void appendRequest(ExchangeEnd end, LineBuffer line) {
        String request = shown.requestLine(end);
        int method = request.indexOf(' ');
        int target = request.lastIndexOf(' ');
        boolean readable = !end.protocol().isEmpty() && method < target;
        appendBytes(PROTOCOL, end.protocol(), line);
        appendBytes(METHOD, request, 0, readable ? method : 0, line);
        appendBytes(TARGET, request, readable ? method + 1 : 0, readable ? target : 0, line);
        appendBytes(UNREADABLE, request, 0, readable ? 0 : request.length(), line);
    }

    private static void appendAttempts(List<AttemptOutcome> attempts, LineBuffer line) {
        int count = attempts.size();
        AttemptOutcome last = count == 0 ? null : attempts.get(count - 1);
        appendNumber(ATTEMPTS, count, line);
        line.append(FAILED_ATTEMPTS);
        int first = Math.max(0, count - 1 - MOST_FAILED);
        for (int i = first; i < count - 1; i++) {
            if (i > first) {
                line.append(',');
            }
            appendBackend(FIRST_BACKEND, attempts.get(i), line);
            appendText(REASON, attempts.get(i).reason().word(), line);
            line.append('}');
        }
        line.append(']');
        appendBackend(BACKEND, last, line);
        appendSeconds(WAIT_TIME, last == null ? -1 : last.waitNanos(), line);
        appendSeconds(CONNECT_TIME, last == null ? -1 : last.connectNanos(), line);
        appendSeconds(FIRST_BYTE_TIME, last == null || last.firstByteNanos() == 0 ? -1 : last.firstByteNanos(), line);
    }

    private static void appendBackend(byte[] name, @Nullable AttemptOutcome attempt, LineBuffer line) {
        appendText(name, attempt == null ? "" : attempt.backendUrl(), line);
        appendNumber(BACKEND_INDEX, attempt == null ? -1 : attempt.backendIndex(), line);
        appendSeconds(BACKEND_TIME, attempt == null ? -1 : attempt.totalNanos(), line);
    }

    private static void appendBytes(byte[] name, String bytes, LineBuffer line) {
        appendBytes(name, bytes, 0, bytes.length(), line);
    }

    private static void appendBytes(byte[] name, String bytes, int from, int to, LineBuffer line) {
        line.append(name);
        if (from == to) {
            line.append(NULL);
        } else {
            JsonText.appendBytes(bytes, from, to, line);
        }
    }

    private static void appendText(byte[] name, String text, LineBuffer line) {
        line.append(name);
        if (text.isEmpty()) {
            line.append(NULL);
        } else {
            JsonText.append(text, line);
        }
    }

    /** @param number negative for null */
    private static void appendNumber(byte[] name, long number, LineBuffer line) {
        line.append(name);
        if (number < 0) {
            line.append(NULL);
        } else {
            line.append(number);
        }
    }

    /** @param nanos negative for null */
    private static void appendSeconds(byte[] name, long nanos, LineBuffer line) {
        line.append(name);
        if (nanos < 0) {
            line.append(NULL);
        } else {
            line.appendSeconds(nanos, 6);
        }
    }

    private static byte[] name(String name) {
        return ascii(",\"" + name + "\":");
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
