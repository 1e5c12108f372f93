package io.hipache.supervisor.sockets;

import io.hipache.config.HipacheConfig.Listener;
import io.hipache.supervisor.common.StartException;
import io.netty.bootstrap.ServerBootstrap;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Every listening socket of the program. Each listener has one socket for each slot, and these sockets share the
 * listener's port ({@code SO_REUSEPORT}). The supervisor never accepts from them. While a socket is open, the kernel
 * queues its new connections for the next worker that holds it. Closing a socket resets the connections in its queue.
 * That is why the sockets of a listener stay open as long as the listener is configured, even when there are fewer workers
 * than before. Owned by the supervisor, used by one thread at a time.
 */
public final class ListeningSockets implements AutoCloseable {
    /** The kernel caps the backlog at {@code net.core.somaxconn}. */
    private static final int BACKLOG = 4096;

    private static final ChannelOption<Integer> IPV6_V6ONLY = new IntegerUnixChannelOption("IPV6_V6ONLY", 41, 26);

    /** Accepted connections inherit this option on Linux, which saves a system call for each of them. */
    private static final ChannelOption<Integer> SO_KEEPALIVE = new IntegerUnixChannelOption("SO_KEEPALIVE", 1, 9);

    /** A bound socket. {@code ipv4Too} says whether a socket for {@code ::} takes IPv4 as well. */
    private record Bound(EpollServerSocketChannel channel, boolean ipv4Too) {}

    /** A socket that another supervisor has bound and listens on. The other fields are as in {@link ListeningSocket}. */
    public record Inherited(String address, int port, int set, boolean ipv4Too, FileDescriptor descriptor) {}

    private final EventLoopGroup group;
    private final Map<ListeningSocket, Bound> sockets = new LinkedHashMap<>();
    private List<Listener> listeners = List.of();
    private int lastId;

    private ListeningSockets(EventLoopGroup group) {
        this.group = group;
    }

    /**
     * Binds the sockets of all listeners, or none of them.
     *
     * @param group of an epoll transport
     * @throws StartException naming every listener that could not be bound
     */
    public static ListeningSockets bind(List<Listener> listeners, int sets, EventLoopGroup group)
            throws StartException {
        ListeningSockets sockets = new ListeningSockets(group);
        sockets.extend(listeners, sets);
        return sockets;
    }

    /**
     * Takes over the sockets of another supervisor, closes those that belong to no listener, and binds the missing ones.
     *
     * @param inherited the result owns these from now on
     * @throws StartException naming every listener that could not be bound; all sockets are closed in that case
     */
    public static ListeningSockets inherit(
            List<Inherited> inherited, List<Listener> listeners, int sets, EventLoopGroup group) throws StartException {
        ListeningSockets sockets = new ListeningSockets(group);
        inherited.forEach(sockets::add);
        try {
            sockets.extend(listeners, sets);
        } catch (StartException e) {
            sockets.close();
            throw e;
        }
        sockets.close(sockets.all().stream()
                .filter(socket -> socket.indexIn(listeners) < 0)
                .toList());
        return sockets;
    }

    private void add(Inherited socket) {
        EpollServerSocketChannel channel =
                new EpollServerSocketChannel(socket.descriptor().intValue());
        channel.config().setAutoRead(false);
        group.register(channel).awaitUninterruptibly();
        sockets.put(
                new ListeningSocket(++lastId, socket.address(), socket.port(), socket.set()),
                new Bound(channel, socket.ipv4Too()));
    }

    /** All open sockets, for the next supervisor. Their descriptors stay open in this process. */
    public List<Inherited> forSuccessor() {
        List<Inherited> inherited = new ArrayList<>();
        sockets.forEach((socket, bound) -> inherited.add(new Inherited(
                socket.address(),
                socket.port(),
                socket.set(),
                bound.ipv4Too(),
                bound.channel().fd())));
        return inherited;
    }

    /**
     * Binds the missing sockets of these listeners, or none of them. The sockets of other listeners stay open until
     * {@link #close(List)}.
     *
     * @throws StartException naming every listener that could not be bound
     */
    public void extend(List<Listener> wanted, int sets) throws StartException {
        Map<ListeningSocket, Bound> added = new LinkedHashMap<>();
        List<String> problems = new ArrayList<>();
        for (Listener listener : wanted) {
            try {
                bindMissing(listener, takesIpv4Too(listener, wanted), sets, added);
            } catch (BindException e) {
                problems.add(e.getMessage());
            }
        }
        if (!problems.isEmpty()) {
            added.values().forEach(ListeningSockets::close);
            throw new StartException(problems);
        }
        sockets.putAll(added);
        listeners = List.copyOf(wanted);
    }

    /** These listeners are in force again after all, after an {@link #extend} for others. Their sockets are bound. */
    public void listensAsBefore(List<Listener> present) {
        listeners = List.copyOf(present);
    }

    /**
     * Binds the missing sockets of one listener. The first socket is bound without {@code SO_REUSEPORT}, which is set
     * afterwards. That bind fails when any process has the port already, even another supervisor of the same user.
     */
    private void bindMissing(Listener listener, boolean ipv4Too, int sets, Map<ListeningSocket, Bound> added)
            throws BindException {
        List<Bound> present = sockets.keySet().stream()
                .filter(socket -> socket.isOf(listener))
                .map(sockets::get)
                .toList();
        InetSocketAddress address = present.isEmpty()
                ? new InetSocketAddress(parse(listener), listener.port())
                : present.get(0).channel().localAddress();
        if (!present.isEmpty() && present.get(0).ipv4Too() != ipv4Too) {
            throw new BindException(
                    listener, "whether this address takes IPv4 as well can only be changed by a restart");
        }
        for (int set = present.size(); set < sets; set++) {
            EpollServerSocketChannel channel = bind(listener, ipv4Too, address, set > 0, group);
            added.put(
                    new ListeningSocket(++lastId, listener.address(), listener.port(), set),
                    new Bound(channel, ipv4Too));
            if (set == 0) {
                channel.config().setReusePort(true);
                address = channel.localAddress();
            }
        }
    }

    private EpollServerSocketChannel bind(
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
            List<String> own = ownAddresses(listener.port(), address.getAddress(), ipv4Too);
            throw BindException.isInUse(cause) && !own.isEmpty()
                    ? BindException.ownPort(listener, own)
                    : new BindException(listener, cause);
        }
        return (EpollServerSocketChannel) bound.channel();
    }

    /** The addresses that this program has at the port, and that overlap this one. */
    private List<String> ownAddresses(int port, InetAddress wanted, boolean ipv4Too) {
        return sockets.entrySet().stream()
                .filter(entry -> entry.getKey().port() == port)
                .filter(entry -> {
                    Bound bound = entry.getValue();
                    InetAddress present = bound.channel().localAddress().getAddress();
                    return covers(wanted, ipv4Too, present) || covers(present, bound.ipv4Too(), wanted);
                })
                .map(entry -> entry.getKey().address())
                .distinct()
                .toList();
    }

    private static boolean covers(InetAddress wide, boolean ipv4Too, InetAddress other) {
        boolean sameKind = (wide instanceof Inet6Address) == (other instanceof Inet6Address);
        return wide.equals(other) || (wide.isAnyLocalAddress() && (sameKind || ipv4Too));
    }

    /**
     * Whether a socket for {@code ::} takes IPv4 as well. It does in Node.js, and so in the original Hipache. It does not
     * when an IPv4 address is configured for the same port, so that {@code 0.0.0.0} and {@code ::} can both be given.
     */
    private static boolean takesIpv4Too(Listener listener, List<Listener> all) throws BindException {
        if (!parse(listener).isAnyLocalAddress()) {
            return false;
        }
        for (Listener other : all) {
            if (other.port() == listener.port() && parse(other) instanceof Inet4Address) {
                return false;
            }
        }
        return true;
    }

    private static InetAddress parse(Listener listener) throws BindException {
        try {
            return InetAddress.getByName(listener.address());
        } catch (UnknownHostException e) {
            throw new BindException(listener, e);
        }
    }

    /** All open sockets. */
    public List<ListeningSocket> all() {
        return List.copyOf(sockets.keySet());
    }

    public FileDescriptor descriptor(ListeningSocket socket) {
        Bound bound = sockets.get(socket);
        if (bound == null) {
            throw new IllegalStateException(socket + " is closed");
        }
        return bound.channel().fd();
    }

    /** The URLs of all listeners with the bound ports, such as {@code http://127.0.0.1:1080}. */
    public List<String> urls() {
        List<String> urls = new ArrayList<>();
        for (Listener listener : listeners) {
            int port = sockets.entrySet().stream()
                    .filter(entry -> entry.getKey().isOf(listener))
                    .mapToInt(entry -> entry.getValue().channel().localAddress().getPort())
                    .findFirst()
                    .orElse(listener.port());
            urls.add(listener.url(port));
        }
        return urls;
    }

    /** Closes these sockets. Connections in their queues stay with the workers that also hold the sockets. */
    public void close(List<ListeningSocket> some) {
        for (ListeningSocket socket : some) {
            Bound bound = sockets.remove(socket);
            if (bound != null) {
                close(bound);
            }
        }
    }

    private static void close(Bound bound) {
        bound.channel().close().awaitUninterruptibly();
    }

    /** Closes all sockets. Connections in their queues stay with the workers that also hold the sockets. */
    @Override
    public void close() {
        close(all());
    }
}
