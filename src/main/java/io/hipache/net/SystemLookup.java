package io.hipache.net;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.Security;

/**
 * Asks the system for the addresses of a name. A call blocks. The JDK usually keeps an answer for 30 seconds, and for 10
 * seconds that a name is unknown. Here it keeps none.
 */
public final class SystemLookup {
    static {
        // Not before the first look-up: Java loads its logging when a property is set, which takes time of a start.
        // Not later, because the JDK reads these two once.
        Security.setProperty("networkaddress.cache.ttl", "0");
        Security.setProperty("networkaddress.cache.negative.ttl", "0");
    }

    private SystemLookup() {}

    /** Returns at least one address. */
    public static InetAddress[] all(String host) throws UnknownHostException {
        return InetAddress.getAllByName(host);
    }
}
