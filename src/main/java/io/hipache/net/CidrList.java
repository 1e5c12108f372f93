package io.hipache.net;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A set of address blocks, such as {@code server.trustedProxies}. IPv4-mapped IPv6 addresses are treated as IPv4
 * addresses, in the list and in questions to it. {@code ::/0} therefore includes no IPv4 address. Immutable.
 */
public final class CidrList {
    private final Block[] blocks4;
    private final Block[] blocks6;

    private CidrList(List<Block> blocks) {
        blocks4 = blocks.stream().filter(block -> block.network.length == 4).toArray(Block[]::new);
        blocks6 = blocks.stream().filter(block -> block.network.length == 16).toArray(Block[]::new);
    }

    /**
     * Parses entries such as {@code 10.0.0.0/8}, {@code fc00::/7} or a single {@code 192.0.2.1}. Bits beyond the prefix
     * are ignored.
     *
     * @throws IllegalArgumentException when an entry is malformed; the message names the first such entry
     */
    public static CidrList parse(List<String> entries) {
        List<Block> blocks = new ArrayList<>();
        for (String entry : entries) {
            blocks.add(parse(entry));
        }
        return new CidrList(blocks);
    }

    /** Whether one of the blocks includes {@code address}. */
    public boolean contains(InetAddress address) {
        byte[] bytes = unmapped(address.getAddress());
        for (Block block : bytes.length == 4 ? blocks4 : blocks6) {
            if (block.contains(bytes)) {
                return true;
            }
        }
        return false;
    }

    private static Block parse(String entry) {
        int slash = entry.indexOf('/');
        String address = slash < 0 ? entry : entry.substring(0, slash);
        // refuse the zone of an IPv6 address, which Netty would silently ignore
        byte[] bytes = address.indexOf('%') >= 0 || address.startsWith("[")
                ? null
                : NetUtil.createByteArrayFromIpAddressString(address);
        if (bytes == null) {
            throw new IllegalArgumentException(
                    "\"" + entry + "\": expected an address block such as 10.0.0.0/8 or fc00::/7");
        }
        int prefix = slash < 0 ? 8 * bytes.length : prefix(entry, entry.substring(slash + 1), 8 * bytes.length);
        byte[] network = unmapped(bytes);
        if (network.length < bytes.length) {
            if (prefix < 96) {
                throw new IllegalArgumentException(
                        "\"" + entry + "\": a block of IPv4-mapped addresses has a prefix of at least 96 bits");
            }
            prefix -= 96;
        }
        return new Block(network, prefix);
    }

    private static int prefix(String entry, String digits, int most) {
        boolean number =
                !digits.isEmpty() && digits.length() <= 3 && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!number || Integer.parseInt(digits) > most) {
            throw new IllegalArgumentException(
                    "\"" + entry + "\": expected a prefix length from 0 to " + most + " after the slash");
        }
        return Integer.parseInt(digits);
    }

    /**
     * Turns {@code ::ffff:a.b.c.d} into {@code a.b.c.d}, and leaves every other address as it is (RFC 4291 §2.5.5.2).
     */
    private static byte[] unmapped(byte[] address) {
        if (address.length != 16 || address[10] != -1 || address[11] != -1) {
            return address;
        }
        for (int i = 0; i < 10; i++) {
            if (address[i] != 0) {
                return address;
            }
        }
        return Arrays.copyOfRange(address, 12, 16);
    }

    private static final class Block {
        private final byte[] network;
        private final int prefix;

        Block(byte[] network, int prefix) {
            this.network = network;
            this.prefix = prefix;
        }

        /** Whether {@code address} begins with the network's prefix. Both have the same length. */
        boolean contains(byte[] address) {
            int whole = prefix / 8;
            if (!Arrays.equals(address, 0, whole, network, 0, whole)) {
                return false;
            }
            int rest = 8 - prefix % 8;
            return rest == 8 || (address[whole] & 0xFF) >> rest == (network[whole] & 0xFF) >> rest;
        }
    }
}
