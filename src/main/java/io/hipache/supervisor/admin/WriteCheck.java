package io.hipache.supervisor.admin;

import io.hipache.supervisor.admin.AdminPages.Page;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Whether a request that changes something may come from where it comes from. A page of somebody else cannot know the token, and
 * a browser sends none by itself. These rules hold even when the token is known: the page has to be ours, and the body has a
 * type for which a browser asks before it sends it across sites (Fetch standard, CORS-preflight).
 */
final class WriteCheck {
    private static final String JSON = "application/json";

    private WriteCheck() {}

    /** Why the request is refused, null when it is not. */
    static @Nullable Page refusal(String path, HttpHeaders fields) {
        if (!isOwnPage(fields)) {
            return Page.error(path, HttpResponseStatus.FORBIDDEN, "a page of another site may change nothing here");
        }
        List<String> types = fields.getAll(HttpHeaderNames.CONTENT_TYPE);
        if (types.size() != 1 || !isJson(types.get(0))) {
            return Page.error(
                    path,
                    HttpResponseStatus.UNSUPPORTED_MEDIA_TYPE,
                    "the body has to be JSON, with Content-Type: application/json");
        }
        return null;
    }

    private static boolean isJson(String type) {
        String[] parts = type.toLowerCase(Locale.ROOT).split(";", 2);
        return parts[0].strip().equals(JSON)
                && (parts.length == 1 || parts[1].strip().matches("charset=\"?utf-8\"?"));
    }

    /** Programs other than browsers send neither of the two fields. */
    private static boolean isOwnPage(HttpHeaders fields) {
        List<String> sites = fields.getAll("sec-fetch-site");
        if (!sites.isEmpty() && !sites.equals(List.of("same-origin"))) {
            return false;
        }
        List<String> origins = fields.getAll(HttpHeaderNames.ORIGIN);
        List<String> hosts = fields.getAll(HttpHeaderNames.HOST);
        return origins.isEmpty() || (origins.size() == 1 && hosts.size() == 1 && isAt(origins.get(0), hosts.get(0)));
    }

    private static boolean isAt(String origin, String host) {
        try {
            URI uri = URI.create(origin);
            return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
                    && host.strip().equalsIgnoreCase(uri.getRawAuthority());
        } catch (IllegalArgumentException e) {
            // such as null, which stands for a page without an origin
            return false;
        }
    }
}
