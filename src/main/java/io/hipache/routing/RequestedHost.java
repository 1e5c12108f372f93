package io.hipache.routing;

import io.hipache.outcome.EndReason;
import org.jspecify.annotations.Nullable;

/** What a Host header asks for. Read for every request: one pass over its characters, no copy of a usual one. */
sealed interface RequestedHost {

    /** Longest host that is looked up, in bytes; DNS ends at 253. */
    int MAX_LENGTH = 255;

    /**
     * A host to look up.
     *
     * @param host without port, trailing dot and case
     * @param written the same in the case of the header
     */
    record Name(String host, String written) implements RequestedHost {}

    /** The health check of load balancers in front, {@code Host: __ping__}. */
    record Ping() implements RequestedHost {}

    /** Nothing that could be looked up. */
    record Malformed(EndReason reason, String message) implements RequestedHost {}

    static RequestedHost of(@Nullable String header) {
        if (header == null) {
            return new Malformed(EndReason.NO_HOST, "no host header");
        }
        int end = endOfHost(header);
        if (end < 0) {
            return new Malformed(EndReason.MALFORMED_HOST, "malformed host header");
        }
        if (!isPort(header, end)) {
            return new Malformed(EndReason.MALFORMED_HOST, "malformed port in host header");
        }
        if (end > 1 && header.charAt(end - 1) == '.') {
            end--;
        }
        if (end == 0) {
            return new Malformed(EndReason.NO_HOST, "no host header");
        }
        if (end > MAX_LENGTH) {
            return new Malformed(EndReason.MALFORMED_HOST, "host name too long");
        }
        String written = header.substring(0, end);
        String host = lowerCase(written);
        return host.equals("__ping__") ? new Ping() : new Name(host, written);
    }

    /** Where the host ends and its port may begin, negative when a character before is none of a host. */
    private static int endOfHost(String header) {
        int length = header.length();
        if (length > 0 && header.charAt(0) == '[') {
            int i = 1;
            while (i < length && (isNameCharacter(header.charAt(i)) || header.charAt(i) == ':')) {
                i++;
            }
            return i > 1 && i < length && header.charAt(i) == ']' ? i + 1 : -1;
        }
        int i = 0;
        while (i < length && isNameCharacter(header.charAt(i))) {
            i++;
        }
        return i == length || header.charAt(i) == ':' ? i : -1;
    }

    private static boolean isNameCharacter(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= '0' && c <= '9')
                || c == '.'
                || c == '-'
                || c == '_'
                || (c >= 'A' && c <= 'Z')
                || c == '*';
    }

    /** Whether nothing or {@code :} and digits follow; {@code host:} is valid (RFC 3986 section 3.2.3). */
    private static boolean isPort(String header, int start) {
        if (start == header.length()) {
            return true;
        }
        if (header.charAt(start) != ':') {
            return false;
        }
        for (int i = start + 1; i < header.length(); i++) {
            if (header.charAt(i) < '0' || header.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    /** The same string when it has no capitals; ASCII only, so the locale has no say. */
    private static String lowerCase(String written) {
        for (int i = 0; i < written.length(); i++) {
            char c = written.charAt(i);
            if (c >= 'A' && c <= 'Z') {
                return toLowerCase(written, i);
            }
        }
        return written;
    }

    private static String toLowerCase(String written, int firstCapital) {
        char[] lower = written.toCharArray();
        for (int i = firstCapital; i < lower.length; i++) {
            if (lower[i] >= 'A' && lower[i] <= 'Z') {
                lower[i] = (char) (lower[i] + ('a' - 'A'));
            }
        }
        return new String(lower);
    }
}
