package io.hipache.proxy.exchange;

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
 * @param tls whether it speaks TLS
 * @param port that the client connected to
 * @param listener address and port that the client connected to, for the record of its requests
 */
public record ClientIdentity(
        String address, boolean plainIpv4, boolean trusted, boolean tls, int port, String listener) {

    /** As the kernel tells of a TCP connection. */
    public static ClientIdentity ofTcp(
            Channel channel, String listener, boolean tls, boolean plainIpv4, CidrList trustedProxies) {
        InetAddress remote = ((InetSocketAddress) channel.remoteAddress()).getAddress();
        InetSocketAddress local = (InetSocketAddress) channel.localAddress();
        return new ClientIdentity(
                text(remote, plainIpv4), plainIpv4, trustedProxies.contains(remote), tls, local.getPort(), listener);
    }

    /** The same client under other settings. */
    public ClientIdentity under(ProxySettings settings, Channel channel) {
        return ofTcp(channel, listener, tls, settings.plainIpv4(), settings.trustedProxies());
    }

    /** An address that a trusted proxy told of its own client, spelled as ours are (Hipache lib/accesslogger.js). */
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
