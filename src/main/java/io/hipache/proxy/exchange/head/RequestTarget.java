package io.hipache.proxy.exchange.head;

import io.hipache.http.KnownField;
import io.hipache.http.RequestHead;
import io.hipache.http.Version;
import org.jspecify.annotations.Nullable;

/**
 * The target of a request (RFC 9112 §3.2).
 *
 * @param originForm path and query, or {@code *}
 * @param authority of an absolute-form target, null for every other form
 * @param host the host to route by: the authority if there is one, else the Host field; null when both are missing
 * @param problem why the request is refused, null when it is not
 */
public record RequestTarget(
        String originForm, @Nullable String authority, @Nullable String host, @Nullable String problem) {

    public static RequestTarget of(RequestHead head) {
        if (head.fields().repeats(KnownField.HOST)) {
            return refused("more than one host header");
        }
        String host = head.fields().first(KnownField.HOST);
        String target = head.target();
        // RFC 9112 §3.2.4: only OPTIONS asks about the server as a whole
        if (target.charAt(0) == '/' || (target.equals("*") && head.method().equals("OPTIONS"))) {
            return new RequestTarget(target, null, host, null);
        }
        if (host == null && head.version() != Version.HTTP_1_0) {
            return new RequestTarget(target, null, null, null);
        }
        return absoluteForm(head.method(), target);
    }

    private static RequestTarget absoluteForm(String method, String target) {
        int start = target.regionMatches(true, 0, "http://", 0, 7)
                ? 7
                : target.regionMatches(true, 0, "https://", 0, 8) ? 8 : -1;
        if (start < 0) {
            return refused("malformed request target");
        }
        int end = start;
        while (end < target.length() && "/?".indexOf(target.charAt(end)) < 0) {
            end++;
        }
        String authority = target.substring(start, end);
        // user information has no place in a request (RFC 9110 §4.2.4), and an empty host is none
        if (authority.isEmpty() || authority.indexOf('@') >= 0) {
            return refused("malformed request target");
        }
        String rest = target.substring(end);
        if (rest.isEmpty() && method.equals("OPTIONS")) {
            // RFC 9112 §3.2.4: without a path it asks about the server as a whole
            rest = "*";
        } else if (!rest.startsWith("/")) {
            rest = "/" + rest;
        }
        return new RequestTarget(rest, authority, authority, null);
    }

    private static RequestTarget refused(String problem) {
        return new RequestTarget("", null, null, problem);
    }
}
