package io.hipache.routing;

import java.util.ArrayList;
import java.util.List;

/**
 * The names under which a host's frontend may be kept, in their order. Where the Host header was written with capitals,
 * each name in that spelling follows the one in lower case.
 *
 * @param requestedHost the host, normalised
 * @param names the exact host, then each wildcard from longest to {@code *}
 * @param matchedKey see {@link DeathSettings#matchedKey}
 */
public record HostLookup(String requestedHost, List<String> names, boolean matchedKey) {

    /** Wildcards are made of the last labels only, so that a long name costs no more (Hipache lib/cache.js). */
    private static final int MAX_LABELS = 6;

    /** Dead sets of the requested host, as Hipache has them. */
    public HostLookup(String requestedHost, List<String> names) {
        this(requestedHost, names, false);
    }

    /**
     * The look-up of one host.
     *
     * @param host in lower case
     * @param written the same host as the request spelled it
     */
    static HostLookup of(String host, String written, boolean matchedKey) {
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

    /** Bracketed, and so without labels. */
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
     * How many of the first names are the host itself rather than a wildcard: 2 when it was written with capitals,
     * else 1.
     */
    public int spellings() {
        return names.size() > 1 && names.get(1).equalsIgnoreCase(requestedHost) ? 2 : 1;
    }

    /**
     * The host whose dead set is marked for the frontend of one of the names: the requested host, also for a wildcard. A
     * frontend kept under the host as it was written has its dead set beside it, in the same spelling: an active
     * checker verifies an announced death in {@code frontend:<host>} before it marks {@code dead:<host>}.
     */
    public String deadHost(String name) {
        return matchedKey || (spellings() == 2 && name.equals(names.get(1))) ? name : requestedHost;
    }

    /** How many of the first names have a dead set of their own that counts. */
    public int deadSets() {
        return matchedKey ? names.size() : spellings();
    }
}
