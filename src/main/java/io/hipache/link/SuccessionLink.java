package io.hipache.link;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.PeerCredentials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection between a running supervisor and the one that follows it, over a unix socket in the abstract namespace
 * whose name follows from the running one's process id. Each side has the kernel tell who the other one is
 * ({@code SO_PEERCRED}): nobody but the own user and root is spoken to. Its methods suit any thread.
 */
public final class SuccessionLink {
    private static final Logger log = LoggerFactory.getLogger(SuccessionLink.class);

    private static final int ROOT = 0;

    /** Hears what the other side says, on the event loop. */
    public interface Listener {
        void received(SuccessionLink link, SuccessionMessage message);

        /** The connection is closed, by whomever. */
        void closed(SuccessionLink link);
    }

    private final Channel channel;
    private final long pid;

    SuccessionLink(Channel channel, long pid) {
        this.channel = channel;
        this.pid = pid;
    }

    /**
     * Has successors heard until the result is closed; what they have said until then still counts.
     *
     * @param group of an epoll transport
     * @param pid of this process
     * @throws IOException when somebody else has the name
     */
    public static Channel listen(EventLoopGroup group, long pid, Listener listener) throws IOException {
        int self = ownUser();
        ChannelFuture bound = new ServerBootstrap()
                .group(group)
                .channel(EpollServerDomainSocketChannel.class)
                .childHandler(new ChannelInitializer<EpollDomainSocketChannel>() {
                    @Override
                    protected void initChannel(EpollDomainSocketChannel successor) throws IOException {
                        PeerCredentials peer = successor.peerCredentials();
                        if (peer.uid() == self || peer.uid() == ROOT) {
                            successor.pipeline().addLast(new SuccessionHandler(peer.pid(), listener));
                        } else {
                            log.warn("process {} of user {} asked to take over and is nobody", peer.pid(), peer.uid());
                            successor.close();
                        }
                    }
                })
                .bind(address(pid))
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("another process has the name of its socket", bound.cause());
        }
        return bound.channel();
    }

    /**
     * Reaches the supervisor that runs as process {@code pid}. Not to be called on the event loop.
     *
     * @throws IOException when that is none
     */
    public static SuccessionLink connect(EventLoopGroup group, long pid, Listener listener) throws IOException {
        ChannelFuture connected = new Bootstrap()
                .group(group)
                .channel(EpollDomainSocketChannel.class)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, SocketHandover.CONNECT_TIMEOUT_MILLIS)
                .option(ChannelOption.AUTO_READ, false)
                .handler(new SuccessionHandler(pid, listener))
                .connect(address(pid))
                .awaitUninterruptibly();
        if (!connected.isSuccess()) {
            throw new IOException("nobody listens for it", connected.cause());
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

    private static int ownUser() throws IOException {
        return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }

    /** Process ids are unique in their namespace, names of sockets in another one that several containers may share. */
    private static DomainSocketAddress address(long pid) throws IOException {
        String namespace =
                Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString().replaceAll("\\D", "");
        return new DomainSocketAddress("\0hipache-upgrade-" + namespace + "-" + pid);
    }

    /** Of the other side. */
    public long pid() {
        return pid;
    }

    /**
     * Sends a message, without waiting. One that is gone does not get it.
     *
     * @return complete when it is on its way, or cannot be
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
