package io.hipache.accesslog;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.StringJoiner;
import java.util.regex.Pattern;

/** Shortens an address to the network of a client: without the last byte of IPv4, or the first 48 bits of IPv6. */
final class ShortAddress {
    /** For a text that is no address, and may say anything. */
    static final String NONE = "-";

    /** How an IPv4 address begins that is written as one of IPv6. */
    private static final String MAPPED = "::ffff:";

    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
    private static final Pattern LETTERS_OF_IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
    private static final int LONGEST = 45;

    private static final int GROUPS = 48 / 16;
    /** The first group of 6to4, behind which a whole IPv4 address follows (RFC 3056). */
    private static final int SIX_TO_FOUR = 0x2002;

    private ShortAddress() {}

    static String of(String address) {
        int start = startOfPlain(address);
        if (address.length() > LONGEST) {
            return NONE;
        }
        if (IPV4.matcher(address).region(start, address.length()).matches()) {
            return address.substring(0, address.lastIndexOf('.')).concat(".0");
        }
        return LETTERS_OF_IPV6.matcher(address).matches() ? network(address) : NONE;
    }

    /** Where the IPv4 address begins in one that is written as IPv6; 0 for any other address. */
    static int startOfPlain(String address) {
        return address.startsWith(MAPPED) && address.indexOf('.') > 0 ? MAPPED.length() : 0;
    }

    private static String network(String address) {
        byte[] bytes;
        try {
            // the JDK parses a text with a colon and never looks it up
            bytes = InetAddress.getByName(address).getAddress();
        } catch (UnknownHostException e) {
            return NONE;
        }
        if (bytes.length != 16) {
            // an IPv4 address in hexadecimal
            return NONE;
        }
        StringJoiner groups = new StringJoiner(":", "", "::");
        boolean sixToFour = group(bytes, 0) == SIX_TO_FOUR;
        for (int i = 0; i < GROUPS; i++) {
            boolean half = sixToFour && i == GROUPS - 1;
            groups.add(Integer.toHexString(half ? group(bytes, i) & 0xFF00 : group(bytes, i)));
        }
        return groups.toString();
    }

    private static int group(byte[] bytes, int group) {
        return ((bytes[2 * group] & 0xFF) << 8) | (bytes[2 * group + 1] & 0xFF);
    }
}
