package io.hipache.dev;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What the playground is told of the program that it is for.
 *
 * @param proxy the URL of the proxy, with a slash behind it
 * @param dashboard the URL of the dashboard, null where there is none for a browser
 * @param status what the admin listener says of the program
 */
public record Surroundings(String proxy, @Nullable String dashboard, StatusSource status) {

    /** Asks the program. */
    @FunctionalInterface
    public interface StatusSource {
        /** An object of JSON. */
        String json() throws IOException;
    }

    /** The URL of the proxy under another name of this machine: browsers take every name below localhost for it. */
    String proxyAs(String host) {
        return proxy.replaceFirst("//[^/]*?(:\\d+)?/", "//" + host + "$1/");
    }
}
