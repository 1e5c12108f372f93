package io.hipache.routing;

import java.util.List;

/**
 * The names under which a host's frontend may be kept, in their order.
 *
 * @param requestedHost the host, normalised
 * @param names the exact host, then each wildcard from longest to {@code *}
 */
public record HostLookup(String requestedHost, List<String> names) {}
