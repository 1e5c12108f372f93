package io.hipache.proxy;

import io.hipache.net.CidrList;
import io.netty.channel.Channel;
import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Who a client is and where it came in.
 *
 * @param address as backends and the access log are told
 * @param plainIpv4 whether IPv4 addresses are written without {@code ::ffff:}
 * @param trusted whether it is a proxy whose forwarded headers are believed
 * @param port that the client connected to
 */
record ClientIdentity(String address, boolean plainIpv4, boolean trusted, boolean tls, int port) {

    static ClientIdentity of(Channel channel, boolean tls, boolean plainIpv4, CidrList trustedProxies) {
        InetAddress remote = ((InetSocketAddress) channel.remoteAddress()).getAddress();
        int port = ((InetSocketAddress) channel.localAddress()).getPort();
        return new ClientIdentity(text(remote, plainIpv4), plainIpv4, trustedProxies.contains(remote), tls, port);
    }

    /** What a trusted proxy says of its own client, an address spelled as ours are (Hipache lib/accesslogger.js). */
    String spelled(String told) {
        return !plainIpv4 && NetUtil.isValidIpV4Address(told) ? "::ffff:" + told : told;
    }

    private static String text(InetAddress address, boolean plainIpv4) {
        String text = NetUtil.toAddressString(address);
        if (address instanceof Inet4Address) {
            return plainIpv4 ? text : "::ffff:" + text;
        }
        int scope = text.indexOf('%');
        return scope < 0 ? text : text.substring(0, scope);
    }
}
