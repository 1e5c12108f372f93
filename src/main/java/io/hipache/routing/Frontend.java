package io.hipache.routing;

/**
 * A frontend as one look-up found it.
 *
 * @param requestedHost the requested host, in the spelling of the list that matched
 * @param name the name whose list matched, such as {@code *.example.com}
 * @param virtualHost the identifier: the first element of the list
 * @param backends the number of its backends
 * @param deadHost the host in whose dead set backends are marked: the requested host, unless {@link DeathSettings#matchedKey}
 * @param stale whether the store is away, and this is what it had before
 */
public record Frontend(
        String requestedHost, String name, String virtualHost, int backends, String deadHost, boolean stale) {

    /** A frontend with the dead set of the requested host, as the store has it. */
    public Frontend(String requestedHost, String name, String virtualHost, int backends) {
        this(requestedHost, name, virtualHost, backends, requestedHost, false);
    }
}
