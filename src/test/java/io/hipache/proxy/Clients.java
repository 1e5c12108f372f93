package io.hipache.proxy;

import io.hipache.net.CidrList;
import io.hipache.upstream.InMemoryChannel;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Connections of clients without a socket. */
final class Clients {
    private static final CidrList LOOPBACK = CidrList.parse(List.of("127.0.0.0/8", "::1"));

    private Clients() {}

    /** One on a plain listener, whose address is trusted. */
    static ClientConnection on(InMemoryChannel channel) {
        return new ClientConnection(channel, false, false, LOOPBACK);
    }

    static ClientConnection of(InMemoryChannel channel, boolean tls, boolean plainIpv4) {
        return new ClientConnection(channel, tls, plainIpv4, LOOPBACK);
    }

    static InetAddress address(String literal) {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(literal);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError(literal, e);
        }
    }
}
