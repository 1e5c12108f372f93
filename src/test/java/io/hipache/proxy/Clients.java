package io.hipache.proxy;

import io.hipache.net.CidrList;
import io.hipache.proxy.exchange.ClientIdentity;
import io.hipache.upstream.InMemoryChannel;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Clients without a socket. */
public final class Clients {
    private static final CidrList LOOPBACK = CidrList.parse(List.of("127.0.0.0/8", "::1"));

    private Clients() {}

    /** Of one on a plain listener, whose address is trusted. */
    public static ClientIdentity identity(InMemoryChannel channel) {
        return identity(channel, false, false);
    }

    public static ClientIdentity identity(InMemoryChannel channel, boolean tls, boolean plainIpv4) {
        return ClientIdentity.ofTcp(channel, "127.0.0.1:8080", tls, plainIpv4, LOOPBACK);
    }

    public static InetAddress address(String literal) {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(literal);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError(literal, e);
        }
    }
}
