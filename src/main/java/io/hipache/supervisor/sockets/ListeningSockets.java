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
 * Every listening socket of the program: for each listener one for each slot, all of one listener sharing their port
 * ({@code SO_REUSEPORT}). They are never read here. As long as one is open, the kernel queues its new connections for
 * whichever worker holds it next; closing one resets what waits in its queue, so that no set is closed while its listener
 * lives, even when there are fewer workers. Owned by the supervisor, used by one thread at a time.
 */
public final class ListeningSockets implements AutoCloseable {
    /** The kernel caps it at {@code net.core.somaxconn}. */
    private static final int BACKLOG = 4096;

    private static final ChannelOption<Integer> IPV6_V6ONLY = new IntegerUnixChannelOption("IPV6_V6ONLY", 41, 26);

    /** Linux hands it down to accepted connections, which saves each of them a system call. */
    private static final ChannelOption<Integer> SO_KEEPALIVE = new IntegerUnixChannelOption("SO_KEEPALIVE", 1, 9);

    /** A socket as it is bound. */
    private record Bound(EpollServerSocketChannel channel, boolean ipv4Too) {}

    /** One that another supervisor has bound, and listens on; the rest is as in {@link ListeningSocket}. */
    public record Inherited(String address, int port, int set, boolean ipv4Too, FileDescriptor descriptor) {}

    private final EventLoopGroup group;
    private final Map<ListeningSocket, Bound> sockets = new LinkedHashMap<>();
    private List<Listener> listeners = List.of();
    private int lastId;

    private ListeningSockets(EventLoopGroup group) {
        this.group = group;
    }

    /**
     * Binds all or nothing.
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
     * Takes those that another supervisor has, closes the ones that are of no listener, and binds what is missing.
     *
     * @param inherited belong to the result
     * @throws StartException naming every listener that could not be bound; all are closed then
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

    /** All that are open, for another supervisor: their descriptors stay open here. */
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
     * Binds what is missing for these listeners, all or nothing. Those of other listeners stay, until {@link #close(List)}.
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

    /**
     * The first socket is bound without {@code SO_REUSEPORT} and joins it afterwards. So the port is claimed in one step:
     * whoever has it already, even another supervisor of the same user, makes this fail.
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
            throw new BindException(listener, "whether it takes IPv4 too can only be changed by a restart");
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

    /** All that are open, by listener and set. */
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

    /** What is listened on, with real ports: {@code http://127.0.0.1:1080}. */
    public List<String> urls() {
        List<String> urls = new ArrayList<>();
        for (Listener listener : listeners) {
            int port = sockets.entrySet().stream()
                    .filter(entry -> entry.getKey().isOf(listener))
                    .mapToInt(entry -> entry.getValue().channel().localAddress().getPort())
                    .findFirst()
                    .orElse(listener.port());
            String scheme = listener.tls() == null ? "http://" : "https://";
            urls.add(scheme + hostOf(listener) + ":" + port);
        }
        return urls;
    }

    static String hostOf(Listener listener) {
        return listener.address().indexOf(':') < 0 ? listener.address() : "[" + listener.address() + "]";
    }

    /** Closes some; what waits in their queues stays with the workers that hold them too. */
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

    /** Closes all; what waits in their queues stays with the workers that hold them too. */
    @Override
    public void close() {
        close(all());
    }
}
