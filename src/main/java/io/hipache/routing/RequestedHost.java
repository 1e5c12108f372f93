package io.hipache.routing;

import io.hipache.outcome.EndReason;
import org.jspecify.annotations.Nullable;

/** The host that a Host header asks for. Parsed for every request: one pass, and no copy of a host in lower case. */
public sealed interface RequestedHost {

    /** The longest host that is looked up, in bytes. A DNS name has 253 at most. */
    int MAX_LENGTH = 255;

    /**
     * A host to look up.
     *
     * @param host in lower case, without port and trailing dot
     * @param written the same host with the capitals of the header
     */
    record Name(String host, String written) implements RequestedHost {}

    /** {@code Host: __ping__}, the health check of load balancers in front of us. */
    record Ping() implements RequestedHost {}

    /** {@code Host: __ready__}, the question of load balancers whether requests can be routed now. */
    record Ready() implements RequestedHost {}

    /** The header is missing, or is no host that could be looked up. */
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
        if (host.startsWith("__")) {
            if (host.equals("__ping__")) {
                return new Ping();
            } else if (host.equals("__ready__")) {
                return new Ready();
            }
        }
        return new Name(host, written);
    }

    /** The end of the host, where a port may begin. Negative when there is a character before it that no host has. */
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

    /** Whether the rest is empty, or {@code :} and digits. {@code host:} is valid (RFC 3986 section 3.2.3). */
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

    /** Returns the same string when it has no capitals. For ASCII only, so the locale does not matter. */
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
