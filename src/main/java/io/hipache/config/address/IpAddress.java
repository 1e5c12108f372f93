package io.hipache.config.address;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/** Checks IP addresses in a configuration. They have to be literal, so that reading one never asks a name server. */
public final class IpAddress {
    private static final Pattern IPV4 = Pattern.compile("((25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(\\.(?!$)|$)){4}");
    private static final Pattern IPV6_LETTERS = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[\\w.-]+)?");
    private static final Pattern DIGITS = Pattern.compile("\\d{1,3}");

    private static final byte[] IPV6_LOOPBACK = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

    private IpAddress() {}

    public static boolean isLiteral(String text) {
        return isIpv4(text) || isIpv6(text);
    }

    /** A block such as {@code 10.0.0.0/8}, or one address. */
    public static boolean isBlock(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            return isLiteral(text);
        }
        String address = text.substring(0, slash);
        String bits = text.substring(slash + 1);
        return isLiteral(address)
                && DIGITS.matcher(bits).matches()
                && Integer.parseInt(bits) <= (isIpv4(address) ? 32 : 128);
    }

    /** Whether this machine can listen on {@code ::1}. A container often cannot. */
    public static boolean ipv6IsUp() {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getByAddress(IPV6_LOOPBACK))) {
            return probe.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isIpv4(String text) {
        return IPV4.matcher(text).matches();
    }

    private static boolean isIpv6(String text) {
        if (!IPV6_LETTERS.matcher(text).matches()) {
            return false;
        }
        try {
            // the JDK parses a text with a colon and never looks it up
            return InetAddress.getByName(text) != null;
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** A host or an address as a URL has it: an IPv6 address is in brackets (RFC 3986 §3.2.2). */
    public static String inUrl(String host) {
        return host.indexOf(':') < 0 ? host : "[" + host + "]";
    }
}
