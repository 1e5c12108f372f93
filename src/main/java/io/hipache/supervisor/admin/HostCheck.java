package io.hipache.supervisor.admin;

import io.hipache.config.HipacheConfig.Admin;
import io.hipache.config.address.IpAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;

/**
 * Which Host fields requests may have. A web page that a browser on this machine shows can have its own name point at a loopback
 * address (DNS rebinding), and would then read the admin listener. So on loopback there has to be an address or {@code localhost}.
 */
record HostCheck(boolean strict) {

    static HostCheck of(Admin admin) {
        return new HostCheck(admin.socket() == null && isLoopback(admin.address()));
    }

    private static boolean isLoopback(String address) {
        try {
            // a literal, which is never looked up
            return InetAddress.getByName(address).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    boolean allows(List<String> hosts) {
        if (!strict) {
            return hosts.size() <= 1;
        }
        if (hosts.size() != 1) {
            return false;
        }
        String host = withoutPort(hosts.get(0).strip().toLowerCase(Locale.ROOT));
        return host.equals("localhost") || IpAddress.isLiteral(host);
    }

    private static String withoutPort(String host) {
        if (host.startsWith("[")) {
            int end = host.indexOf(']');
            return end < 0 ? host : host.substring(1, end);
        }
        int colon = host.lastIndexOf(':');
        return colon < 0 || host.indexOf(':') != colon ? host : host.substring(0, colon);
    }
}
