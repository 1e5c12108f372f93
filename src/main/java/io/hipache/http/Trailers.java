package io.hipache.http;

import java.util.Locale;
import java.util.Set;

/**
 * Which fields of a trailer section are passed on, in both directions and whatever protocol carries them. A receiver that
 * merges trailers into the head would take a length, a host, a login or a forged address from them (RFC 9110 §6.5.1). Left
 * out is what the proxy acts on in a head, and what frames, routes, authenticates or changes a message.
 */
public final class Trailers {
    /** In lower case. A CGI cannot tell {@code _} from {@code -}, so neither does this class. */
    private static final Set<String> ONLY_IN_HEADS = Set.of(
            // framing, and the connection
            "http2-settings",
            "content-encoding",
            "content-type",
            "content-range",
            "content-location",
            "content-disposition",
            "content-language",
            // routing, and where the request came from
            "via",
            "forwarded",
            "client-ip",
            "true-client-ip",
            "origin",
            "from",
            // logins
            "authorization",
            "www-authenticate",
            "cookie",
            "cookie2",
            "set-cookie",
            "set-cookie2",
            // what changes a request or a response
            "range",
            "cache-control",
            "pragma",
            "age",
            "date",
            "expires",
            "location",
            "refresh",
            "vary",
            "warning",
            "alt-svc",
            "clear-site-data",
            "strict-transport-security",
            "status");

    private static final String[] ONLY_IN_HEADS_IF_THEY_BEGIN_WITH = {
        "accept",
        "access-control-",
        "cf-",
        "content-security-",
        "if-",
        "proxy",
        "remote-",
        "sec-",
        "ssl-",
        "x-auth",
        "x-client-",
        "x-cluster-",
        "x-forwarded",
        "x-frame-",
        "x-http-",
        "x-method",
        "x-original-",
        "x-real-",
        "x-remote-",
        "x-rewrite-",
        "x-ssl-",
    };

    private Trailers() {}

    /** Hands out the fields that are passed on. */
    public static void write(Fields trailers, FieldSink out) {
        for (int i = 0; i < trailers.size(); i++) {
            if (trailers.known(i) == null && isAllowed(trailers.name(i))) {
                out.received(trailers, i);
            }
        }
    }

    private static boolean isAllowed(String field) {
        String name = field.toLowerCase(Locale.ROOT).replace('_', '-');
        if (name.equals("accept-ranges")) {
            // RFC 9110 §14.3
            return true;
        }
        for (String begin : ONLY_IN_HEADS_IF_THEY_BEGIN_WITH) {
            if (name.startsWith(begin)) {
                return false;
            }
        }
        return !ONLY_IN_HEADS.contains(name) && !isKnown(name);
    }

    /** Whether the proxy acts on a field that is the same name to a CGI. */
    private static boolean isKnown(String name) {
        for (KnownField field : KnownField.values()) {
            if (field.text().equals(name)) {
                return true;
            }
        }
        return false;
    }
}
