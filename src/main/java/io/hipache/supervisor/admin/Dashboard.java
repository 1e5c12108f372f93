package io.hipache.supervisor.admin;

import io.hipache.supervisor.admin.AdminPages.Page;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The files of the page for browsers. They hold no figures: the page asks for those, with the token where one is needed. */
final class Dashboard {
    private static final Map<String, String> TYPES = Map.of(
            "dashboard.html", "text/html; charset=utf-8",
            "dashboard.css", "text/css; charset=utf-8",
            "dashboard.js", "text/javascript; charset=utf-8",
            "hosts.js", "text/javascript; charset=utf-8",
            "page.js", "text/javascript; charset=utf-8");

    private Dashboard() {}

    /** Whether a path is one of the dashboard. */
    static boolean has(String path) {
        return TYPES.containsKey(file(path));
    }

    private static String file(String path) {
        return path.equals("/") ? "dashboard.html" : path.substring(Math.min(1, path.length()));
    }

    /** The file of a path, null when the path is none of the dashboard. */
    static @Nullable Page page(String path) {
        String file = file(path);
        String type = TYPES.get(file);
        if (type == null) {
            return null;
        }
        try (InputStream in = Dashboard.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("the program has no " + file);
            }
            return new Page(HttpResponseStatus.OK, type, ByteBuffer.wrap(in.readAllBytes()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
