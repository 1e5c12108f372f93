package io.hipache.link;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.PeerCredentials;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A connection between a running supervisor and its successor, or {@code hipache reload}. It uses a unix socket in the
 * abstract namespace, and the name of the socket is derived from the running supervisor's process id. Each side asks the
 * kernel who the other side is ({@code SO_PEERCRED}), and accepts only its own user and root. The methods may be called on
 * any thread.
 */
public final class SuccessionLink {
    /** Among the flags of a socket in {@code /proc/net/unix}: it listens (__SO_ACCEPTCON of the kernel). */
    private static final String LISTENS = " 00010000 ";

    private static final int ROOT = 0;

    /** One successor, and some who ask for a reload. */
    static final int MOST_CONNECTIONS = 16;

    /** What the kernel lists: the names of unix sockets, abstract ones with an @ in front. */
    private static final Path SOCKETS = Path.of("/proc/net/unix");

    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;

    /** Receives the messages of the other side, on the event loop. */
    public interface Listener {
        void received(SuccessionLink link, SuccessionMessage message);

        /** The connection is closed, by either side. */
        void closed(SuccessionLink link);
    }

    private final Channel channel;
    private final long pid;

    SuccessionLink(Channel channel, long pid) {
        this.channel = channel;
        this.pid = pid;
    }

    /**
     * Accepts connections of successors until the result is closed. Connections that are open by then stay open.
     *
     * @param group must be of the epoll transport
     * @param pid process id of this process
     * @throws IOException when another process uses the name of the socket
     */
    public static Channel listen(EventLoopGroup group, long pid, Listener listener) throws IOException {
        int self = ownUser();
        ChannelFuture bound = new Bootstrap()
                .group(group)
                .channel(EpollServerDomainSocketChannel.class)
                .handler(new LocalAcceptor(
                        "wants to take over or to reload, which only this program's own user and root may, and not too "
                                + "many at a time,",
                        MOST_CONNECTIONS,
                        process -> process.uid() == self || process.uid() == ROOT
                                ? new SuccessionHandler(process.pid(), listener)
                                : null))
                .bind(address(pid))
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("another process uses the name of the upgrade socket", bound.cause());
        }
        return bound.channel();
    }

    /**
     * Connects to the supervisor that runs as process {@code pid}. Must not be called on the event loop.
     *
     * @throws IOException when that process is not a supervisor, or belongs to another user
     */
    public static SuccessionLink connect(EventLoopGroup group, long pid, Listener listener) throws IOException {
        ChannelFuture connected = new Bootstrap()
                .group(group)
                .channel(EpollDomainSocketChannel.class)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                .option(ChannelOption.AUTO_READ, false)
                .handler(new SuccessionHandler(pid, listener))
                .connect(address(pid))
                .awaitUninterruptibly();
        if (!connected.isSuccess()) {
            throw new IOException("it does not listen for a successor", connected.cause());
        }
        EpollDomainSocketChannel channel = (EpollDomainSocketChannel) connected.channel();
        PeerCredentials peer = channel.peerCredentials();
        if (peer.pid() != pid || (peer.uid() != ownUser() && ownUser() != ROOT)) {
            channel.close();
            throw new IOException("process " + peer.pid() + " of user " + peer.uid() + " answers in its place");
        }
        channel.config().setAutoRead(true);
        return channel.pipeline().get(SuccessionHandler.class).link();
    }

    /**
     * The process ids of all supervisors in this namespace that belong to this user, or to anybody when this user is root, in
     * ascending order. Whether they answer is known only after {@link #connect}.
     */
    public static List<Long> running() throws IOException {
        String prefix = "@" + name("");
        int self = ownUser();
        Set<Long> pids = new TreeSet<>();
        for (String line : Files.readAllLines(SOCKETS, StandardCharsets.ISO_8859_1)) {
            int start = line.indexOf(prefix);
            // the connections to a socket have its name too
            String pid = start < 0 || !line.contains(LISTENS) ? "" : line.substring(start + prefix.length());
            if (pid.matches("\\d{1,10}") && mayAsk(Long.parseLong(pid), self)) {
                pids.add(Long.parseLong(pid));
            }
        }
        return List.copyOf(pids);
    }

    private static boolean mayAsk(long pid, int self) {
        try {
            int owner = (int) Files.getAttribute(Path.of("/proc", String.valueOf(pid)), "unix:uid");
            return self == ROOT || owner == self;
        } catch (IOException e) {
            // it has ended meanwhile
            return false;
        }
    }

    private static int ownUser() throws IOException {
        return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }

    /**
     * The address of a supervisor's socket. Process ids are unique only within their namespace. Several containers may share
     * the namespace of socket names, so the address contains the namespace of the process id as well.
     */
    private static DomainSocketAddress address(long pid) throws IOException {
        return new DomainSocketAddress("\0" + name(String.valueOf(pid)));
    }

    private static String name(String pid) throws IOException {
        String namespace =
                Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString().replaceAll("\\D", "");
        return "hipache-upgrade-" + namespace + "-" + pid;
    }

    /** The process id of the other side. */
    public long pid() {
        return pid;
    }

    /**
     * Sends a message, without waiting. The message is lost when the other side is gone.
     *
     * @return completes when the message has been sent, or could not be sent
     */
    public ChannelFuture send(SuccessionMessage message) {
        try {
            byte[] json = SuccessionMessages.encode(message);
            return channel.writeAndFlush(Unpooled.wrappedBuffer(json, new byte[] {SuccessionHandler.END}));
        } catch (IOException e) {
            return channel.newFailedFuture(e);
        }
    }

    public void close() {
        channel.close();
    }

    @Override
    public String toString() {
        return "supervisor #" + pid;
    }
}
