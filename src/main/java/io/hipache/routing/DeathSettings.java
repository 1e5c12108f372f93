package io.hipache.routing;

/**
 * How dead backends are marked and announced.
 *
 * @param matchedKey whether backends are marked under the name whose list matched, and not under the requested host, so that
 *     an active checker finds the backends of wildcards; both dead sets are read then
 * @param rawUrl whether a URL is announced as it is stored, as planb's monitors expect, and not in node's form
 */
public record DeathSettings(boolean matchedKey, boolean rawUrl) {

    /** The same as in Hipache. */
    public static final DeathSettings HIPACHE = new DeathSettings(false, false);
}
