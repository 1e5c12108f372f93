package io.hipache.routing;

/**
 * A frontend as one look-up saw it.
 *
 * @param requestedHost the host asked for, as {@link HostLookup#deadHost} spells it: the key of the dead set
 * @param name the name whose list matched, such as {@code *.example.com}
 * @param virtualHost the identifier, first element of the list
 * @param backends the number of its backends
 */
public record Frontend(String requestedHost, String name, String virtualHost, int backends) {}
