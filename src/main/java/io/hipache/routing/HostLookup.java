package io.hipache.routing;

import java.util.ArrayList;
import java.util.List;

/**
 * The names under which the store may have the frontend of a host, in the order in which they are looked up. When the Host
 * header has capitals, each name is looked up in lower case first and then as the header spells it.
 *
 * @param requestedHost the host in lower case, without port and trailing dot
 * @param names the exact host, then each wildcard from the longest to {@code *}
 * @param matchedKey see {@link DeathSettings#matchedKey}
 */
public record HostLookup(String requestedHost, List<String> names, boolean matchedKey) {

    /** No host has a name below this one (RFC 6761 §6.4). */
    public static final String NOBODY = "hipache.invalid";

    /** Wildcards have the last labels only, so that a long name costs no more than a short one (Hipache lib/cache.js). */
    private static final int MAX_LABELS = 6;

    /** For the dead sets of the requested host, as in Hipache. */
    public HostLookup(String requestedHost, List<String> names) {
        this(requestedHost, names, false);
    }

    /**
     * A look-up that finds nothing. The store tries all the same whether it may do what the look-up of a host with backends
     * needs. So the answer says whether requests can be routed.
     *
     * @param what a label
     */
    public static HostLookup ofNobody(String what) {
        String host = what + "." + NOBODY;
        return new HostLookup(host, List.of(host));
    }

    /** Whether this is a look-up that only tries whether there are answers. Those of clients have the name {@code *} as well. */
    public boolean isNobodys() {
        return names.size() == 1 && requestedHost.endsWith(NOBODY);
    }

    /**
     * The look-up of one host.
     *
     * @param host in lower case
     * @param written the same host as the request spells it
     */
    public static HostLookup of(String host, String written, boolean matchedKey) {
        boolean asWritten = !host.equals(written);
        List<String> names = new ArrayList<>(asWritten ? 2 * MAX_LABELS + 1 : MAX_LABELS + 1);
        names.add(host);
        if (asWritten) {
            names.add(written);
        }
        if (!isAddress(host)) {
            for (int dot = firstWildcardDot(host); dot >= 0; dot = host.indexOf('.', dot + 1)) {
                String wildcard = "*".concat(host.substring(dot));
                names.add(wildcard);
                if (asWritten && !written.regionMatches(dot, wildcard, 1, host.length() - dot)) {
                    names.add("*".concat(written.substring(dot)));
                }
            }
        }
        if (!host.equals("*")) {
            names.add("*");
        }
        return new HostLookup(host, names, matchedKey);
    }

    /** An IPv6 address in brackets, which has no labels. */
    private static boolean isAddress(String host) {
        return host.charAt(0) == '[';
    }

    private static int firstWildcardDot(String host) {
        int dot = host.length();
        for (int labels = 1; labels < MAX_LABELS; labels++) {
            int previous = host.lastIndexOf('.', dot - 1);
            if (previous < 0) {
                break;
            }
            dot = previous;
        }
        return dot == host.length() ? -1 : dot;
    }

    /**
     * The number of names at the beginning that are the host itself and no wildcard: 2 when the Host header has capitals, else
     * 1.
     */
    public int spellings() {
        return names.size() > 1 && names.get(1).equalsIgnoreCase(requestedHost) ? 2 : 1;
    }

    /**
     * The host in whose dead set backends are marked when the frontend of one of the names matched. It is the requested host,
     * also for a wildcard. A frontend under the host with capitals has its dead set in the same spelling, because an active
     * checker verifies an announced death in {@code frontend:<host>} before it marks {@code dead:<host>}.
     */
    public String deadHost(String name) {
        return matchedKey || (spellings() == 2 && name.equals(names.get(1))) ? name : requestedHost;
    }

    /** The number of names at the beginning whose own dead sets are read. */
    public int deadSets() {
        return matchedKey ? names.size() : spellings();
    }
}
