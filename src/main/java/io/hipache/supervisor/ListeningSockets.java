package io.hipache.supervisor;

import io.hipache.config.HipacheConfig.Listener;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.UnixChannelOption;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/**
 * Every listening socket of the program: for each listener one for each slot, all of one listener sharing their port
 * ({@code SO_REUSEPORT}). They are never read here. As long as they are open, the kernel queues new connections of a slot
 * whose worker has died for the next one. Owned by the supervisor.
 */
public final class ListeningSockets implements AutoCloseable {
    /** The kernel caps it at {@code net.core.somaxconn}. */
    private static final int BACKLOG = 4096;

    private static final ChannelOption<Integer> IPV6_V6ONLY = new IntegerUnixChannelOption("IPV6_V6ONLY", 41, 26);

    /** Linux hands it down to accepted connections, which saves each of them a system call. */
    private static final ChannelOption<Integer> SO_KEEPALIVE = new IntegerUnixChannelOption("SO_KEEPALIVE", 1, 9);

    private final List<Listener> listeners;
    /** By listener, then by slot. */
    private final List<List<EpollServerSocketChannel>> channels;

    private ListeningSockets(List<Listener> listeners, List<List<EpollServerSocketChannel>> channels) {
        this.listeners = listeners;
        this.channels = channels;
    }

    /**
     * Binds all or nothing.
     *
     * @param group of an epoll transport
     * @throws StartException naming every listener that could not be bound
     */
    public static ListeningSockets bind(List<Listener> listeners, int slots, EventLoopGroup group)
            throws StartException {
        List<List<EpollServerSocketChannel>> channels = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (Listener listener : listeners) {
            List<EpollServerSocketChannel> ofListener = new ArrayList<>();
            channels.add(ofListener);
            try {
                bindSlots(listener, takesIpv4Too(listener, listeners), slots, group, ofListener);
            } catch (BindException e) {
                problems.add(e.getMessage());
            }
        }
        ListeningSockets sockets = new ListeningSockets(List.copyOf(listeners), channels);
        if (!problems.isEmpty()) {
            sockets.close();
            throw new StartException(problems);
        }
        return sockets;
    }

    /**
     * The first socket is bound without {@code SO_REUSEPORT} and joins it afterwards. So the port is claimed in one step:
     * whoever has it already, even another supervisor of the same user, makes this fail.
     */
    private static void bindSlots(
            Listener listener, boolean ipv4Too, int slots, EventLoopGroup group, List<EpollServerSocketChannel> bound)
            throws BindException {
        InetSocketAddress address = new InetSocketAddress(literal(listener), listener.port());
        for (int slot = 0; slot < slots; slot++) {
            EpollServerSocketChannel channel = bind(listener, ipv4Too, address, slot > 0, group);
            bound.add(channel);
            if (slot == 0) {
                channel.config().setReusePort(true);
                address = channel.localAddress();
            }
        }
    }

    private static EpollServerSocketChannel bind(
            Listener listener, boolean ipv4Too, InetSocketAddress address, boolean reusePort, EventLoopGroup group)
            throws BindException {
        boolean ipv6 = address.getAddress() instanceof Inet6Address;
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channelFactory(() ->
                        new EpollServerSocketChannel(ipv6 ? SocketProtocolFamily.INET6 : SocketProtocolFamily.INET))
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(SO_KEEPALIVE, 1)
                .childHandler(new ChannelInboundHandlerAdapter());
        if (ipv6) {
            bootstrap.option(IPV6_V6ONLY, ipv4Too ? 0 : 1);
        }
        if (reusePort) {
            bootstrap.option(UnixChannelOption.SO_REUSEPORT, true);
        }
        ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        Throwable cause = bound.cause();
        if (cause != null) {
            throw new BindException(listener, cause);
        }
        return (EpollServerSocketChannel) bound.channel();
    }

    /**
     * Whether a socket for {@code ::} is for IPv4 as well, as it is in Node.js and so in Hipache; but {@code 0.0.0.0} and
     * {@code ::} may be given both.
     */
    private static boolean takesIpv4Too(Listener listener, List<Listener> all) throws BindException {
        if (!literal(listener).isAnyLocalAddress()) {
            return false;
        }
        for (Listener other : all) {
            if (other.port() == listener.port() && literal(other) instanceof Inet4Address) {
                return false;
            }
        }
        return true;
    }

    private static InetAddress literal(Listener listener) throws BindException {
        try {
            return InetAddress.getByName(listener.address());
        } catch (UnknownHostException e) {
            throw new BindException(listener, e);
        }
    }

    /** The sockets of one slot, in the order of the listeners. */
    public List<FileDescriptor> ofSlot(int slot) {
        List<FileDescriptor> sockets = new ArrayList<>();
        for (List<EpollServerSocketChannel> ofListener : channels) {
            sockets.add(ofListener.get(slot).fd());
        }
        return sockets;
    }

    /** What is listened on, with real ports: {@code http://127.0.0.1:1080}. */
    public List<String> urls() {
        List<String> urls = new ArrayList<>();
        for (int i = 0; i < listeners.size(); i++) {
            int port = channels.get(i).get(0).localAddress().getPort();
            String scheme = listeners.get(i).tls() == null ? "http://" : "https://";
            urls.add(scheme + hostOf(listeners.get(i)) + ":" + port);
        }
        return urls;
    }

    static String hostOf(Listener listener) {
        return listener.address().indexOf(':') < 0 ? listener.address() : "[" + listener.address() + "]";
    }

    /** Closes all; what waits in their queues stays with the workers that hold them too. */
    @Override
    public void close() {
        for (List<EpollServerSocketChannel> ofListener : channels) {
            for (Channel channel : ofListener) {
                channel.close().awaitUninterruptibly();
            }
        }
    }
}
