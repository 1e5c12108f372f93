package io.hipache.supervisor.admin;

import io.hipache.config.HipacheConfig.Admin;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The admin listener at one address: a port or a unix socket. */
final class AdminServer implements AutoCloseable {
    private static final int MOST_CONNECTIONS = 64;
    private static final int MOST_LINE = 4_096;
    private static final int MOST_HEADERS = 8_192;
    private static final int CHUNK = 4_096;
    /** What somebody wants to be changed. */
    private static final int MOST_BODY = 16 * 1024;

    /** A client that sends nothing, or takes nothing, for this time leaves. */
    private static final int IDLE_SECONDS = 75;

    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final Channel channel;
    private final @Nullable SocketFile file;

    private AdminServer(EventLoopGroup group, Admin admin, boolean shared, Supplier<AdminHandler.Source> source)
            throws IOException {
        HostCheck hosts = HostCheck.of(admin);
        ChannelInitializer<Channel> pipeline = new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel connection) {
                if (connections.size() >= MOST_CONNECTIONS) {
                    connection.close();
                    return;
                }
                connections.add(connection);
                connection
                        .pipeline()
                        .addLast(
                                new IdleStateHandler(0, 0, IDLE_SECONDS),
                                new HttpServerCodec(MOST_LINE, MOST_HEADERS, CHUNK),
                                new BodyLimit(MOST_BODY),
                                new AdminHandler(source, hosts));
            }
        };
        Path path = admin.socket();
        if (path == null) {
            file = null;
            channel = bindPort(group, admin, shared, pipeline);
        } else {
            SocketFile opened = SocketFile.at(path);
            opened.check(shared);
            channel = bind(
                    group,
                    EpollServerDomainSocketChannel.class,
                    new DomainSocketAddress(opened.fresh().toFile()),
                    false,
                    pipeline);
            file = opened;
            try {
                opened.publish(admin.mode(), admin.owner());
            } catch (IOException e) {
                channel.close().awaitUninterruptibly();
                throw e;
            }
        }
    }

    /**
     * Listens.
     *
     * @param shared whether another process, or this one, may have the address already
     * @param source asked for each request
     * @throws IOException with a message for the administrator
     */
    static AdminServer open(EventLoopGroup group, Admin admin, boolean shared, Supplier<AdminHandler.Source> source)
            throws IOException {
        try {
            return new AdminServer(group, admin, shared, source);
        } catch (IOException e) {
            throw new IOException("cannot listen on " + admin.place() + " (server.admin): " + e.getMessage(), e);
        }
    }

    /**
     * Binds without SO_REUSEPORT, which is set afterwards: so the bind fails where anybody else has the port. A supervisor that
     * takes over from this one can bind it nevertheless.
     */
    private static Channel bindPort(EventLoopGroup group, Admin admin, boolean shared, ChannelHandler pipeline)
            throws IOException {
        Channel bound = bind(
                group,
                EpollServerSocketChannel.class,
                new InetSocketAddress(admin.address(), admin.port()),
                shared,
                pipeline);
        bound.config().setOption(UnixChannelOption.SO_REUSEPORT, true);
        return bound;
    }

    private static Channel bind(
            EventLoopGroup group,
            Class<? extends ServerChannel> type,
            SocketAddress address,
            boolean reusePort,
            ChannelHandler pipeline)
            throws IOException {
        ServerBootstrap bootstrap =
                new ServerBootstrap().group(group).channel(type).childHandler(pipeline);
        if (reusePort) {
            bootstrap.option(UnixChannelOption.SO_REUSEPORT, true);
        }
        var bound = bootstrap.bind(address).awaitUninterruptibly();
        Throwable cause = bound.cause();
        if (cause != null) {
            throw new IOException(reason(cause), cause);
        }
        return bound.channel();
    }

    private static String reason(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        if (message.contains("Address already in use")) {
            return "it is in use";
        }
        return message.contains("Cannot assign requested address") ? "this machine does not have the address" : message;
    }

    /** The port that was bound, for tests; 0 for a unix socket. */
    int port() {
        return channel.localAddress() instanceof InetSocketAddress bound ? bound.getPort() : 0;
    }

    /** Accepts nothing more, and ends all connections. */
    @Override
    public void close() {
        channel.close().awaitUninterruptibly();
        connections.close();
        if (file != null) {
            file.remove();
        }
    }
}
