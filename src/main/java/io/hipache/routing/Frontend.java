package io.hipache.routing;

/**
 * A frontend as one look-up saw it.
 *
 * @param requestedHost the host asked for, in the spelling of the list that matched
 * @param name the name whose list matched, such as {@code *.example.com}
 * @param virtualHost the identifier, first element of the list
 * @param backends the number of its backends
 * @param deadHost the key of the dead set to mark: the requested host, unless {@link DeathSettings#matchedKey}
 */
public record Frontend(String requestedHost, String name, String virtualHost, int backends, String deadHost) {

    /** One whose dead set is that of the requested host. */
    public Frontend(String requestedHost, String name, String virtualHost, int backends) {
        this(requestedHost, name, virtualHost, backends, requestedHost);
    }
}
