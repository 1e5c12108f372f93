package io.hipache.routing;

/**
 * How dead backends are marked and announced.
 *
 * @param matchedKey whether under the name whose list matched, so that an active checker finds the backends of wildcards,
 *     rather than under the requested host; the dead sets of both count then
 * @param rawUrl whether their URL is announced as it was stored, which planb's monitors look for, rather than in node's
 *     form
 */
public record DeathSettings(boolean matchedKey, boolean rawUrl) {

    /** As Hipache does it. */
    public static final DeathSettings HIPACHE = new DeathSettings(false, false);
}
