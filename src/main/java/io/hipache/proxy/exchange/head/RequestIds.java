package io.hipache.proxy.exchange.head;

import io.hipache.http.Fields;
import io.hipache.http.KnownField;
import org.jspecify.annotations.Nullable;

/**
 * By what a request can be found again in the logs of all who handle it.
 *
 * @param requestId the value of {@code X-Request-Id} for the backend; empty where the proxy has nothing to do with it
 * @param traceParent a well-formed W3C trace context, empty when there is none
 * @param traceMade whether the proxy has made the trace: what the client said of one is void
 */
public record RequestIds(String requestId, String traceParent, boolean traceMade) {
    private static final int LONGEST_ID = 128;

    /** {@code 00-}, 32 digits of the trace, a hyphen, 16 digits of the span, a hyphen, 2 digits of flags. */
    private static final int TRACE_PARENT_CHARS = 55;

    private static final int TRACE_ID = 3;
    private static final int PARENT_ID = 36;
    private static final int FLAGS = 53;

    /** What is done about requests that cannot be found again. */
    public enum Rule {
        /** An id is made where a trusted proxy has not given one. The backend and the access log get it. */
        PASS,
        /** As {@link #PASS}, and the client gets the id too. */
        ANSWER,
        /** The proxy has nothing to do with ids. */
        OFF
    }

    /**
     * The ids of one request.
     *
     * @param trusted whether the client is a proxy whose id counts
     * @param tracing whether a trace is made where there is none
     */
    public static RequestIds of(Fields fields, boolean trusted, Rule rule, boolean tracing, IdSource source) {
        String id = rule == Rule.OFF ? "" : id(trusted ? only(fields, KnownField.X_REQUEST_ID) : null, source);
        String trace = only(fields, KnownField.TRACEPARENT);
        if (trace != null && isTraceParent(trace)) {
            return new RequestIds(id, trace, false);
        }
        return tracing ? new RequestIds(id, source.traceParent(), true) : new RequestIds(id, "", false);
    }

    private static String id(@Nullable String told, IdSource source) {
        return told != null && isId(told) ? told : source.requestId();
    }

    /** The value of a field that there is once, or null. */
    private static @Nullable String only(Fields fields, KnownField name) {
        return fields.repeats(name) ? null : fields.first(name);
    }

    /** Whether a log, a header and a command line can hold this id as it is. */
    private static boolean isId(String text) {
        if (text.isEmpty() || text.length() > LONGEST_ID) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= ' ' || c > '~' || c == '"' || c == '\\' || c == ',' || c == '\'') {
                return false;
            }
        }
        return true;
    }

    /** Whether this is a {@code traceparent} of version 00, or a later one with the same beginning (Trace Context §3.2). */
    private static boolean isTraceParent(String text) {
        if (text.length() < TRACE_PARENT_CHARS || text.length() > LONGEST_ID || text.startsWith("ff")) {
            return false;
        }
        boolean first = text.startsWith("00");
        if (text.length() > TRACE_PARENT_CHARS && (first || text.charAt(TRACE_PARENT_CHARS) != '-' || !isId(text))) {
            return false;
        }
        return isHex(text, 0, TRACE_ID - 1)
                && text.charAt(TRACE_ID - 1) == '-'
                && isHex(text, TRACE_ID, PARENT_ID - 1)
                && isAnyOtherThanZero(text, TRACE_ID, PARENT_ID - 1)
                && text.charAt(PARENT_ID - 1) == '-'
                && isHex(text, PARENT_ID, FLAGS - 1)
                && isAnyOtherThanZero(text, PARENT_ID, FLAGS - 1)
                && text.charAt(FLAGS - 1) == '-'
                && isHex(text, FLAGS, TRACE_PARENT_CHARS);
    }

    private static boolean isHex(String text, int start, int end) {
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                return false;
            }
        }
        return true;
    }

    private static boolean isAnyOtherThanZero(String text, int start, int end) {
        for (int i = start; i < end; i++) {
            if (text.charAt(i) != '0') {
                return true;
            }
        }
        return false;
    }
}
