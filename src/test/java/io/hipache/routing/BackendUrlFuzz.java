package io.hipache.routing;

import java.nio.charset.StandardCharsets;

/**
 * An entry of a frontend, which any tenant may write. It is no URL, or it is a backend whose host and port can be connected
 * to, and whose announced form names the same backend.
 */
public final class BackendUrlFuzz {
    private BackendUrlFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        String entry = new String(bytes, StandardCharsets.UTF_8);
        BackendUrl url = BackendUrl.parse(entry);
        if (url == null) {
            return;
        }
        Backend backend = url.backend();
        boolean usable =
                backend.host().matches("[a-z0-9._-]+|[0-9a-f:.]+") && backend.port() > 0 && backend.port() < 65536;
        BackendUrl again = BackendUrl.parse(url.href());
        if (!usable
                || again == null
                || !again.backend().equals(backend)
                || !again.href().equals(url.href())) {
            throw new AssertionError(url + " is read as " + again);
        }
        String announced = url.announcedAs(entry);
        BackendUrl subscribers = BackendUrl.parse(announced);
        if (announced.matches("(?s).*[;\\x00-\\x1f\\x7f].*")
                || subscribers == null
                || !subscribers.backend().equals(backend)) {
            throw new AssertionError(url + " is announced as " + announced);
        }
    }
}
