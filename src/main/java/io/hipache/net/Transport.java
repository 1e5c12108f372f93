package io.hipache.net;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.RejectedExecutionHandlers;
import java.util.concurrent.Executor;

/**
 * The API through which bytes reach the kernel. Epoll is for production. Nio is for development on other systems and
 * has two limits: it does not notice a client that leaves while reading is paused, and it cannot adopt a listening
 * socket of another process.
 */
public enum Transport {
    EPOLL(EpollSocketChannel.class, EpollServerSocketChannel.class),
    NIO(NioSocketChannel.class, NioServerSocketChannel.class);

    /**
     * How long the loop runs tasks, in milliseconds, before it looks at its sockets again. Tasks that add tasks would keep new
     * connections waiting for Netty's whole second.
     */
    private static final long TASKS_MILLIS = 5;

    private final Class<? extends SocketChannel> clientChannel;
    private final Class<? extends ServerSocketChannel> serverChannel;

    Transport(Class<? extends SocketChannel> clientChannel, Class<? extends ServerSocketChannel> serverChannel) {
        this.clientChannel = clientChannel;
        this.serverChannel = serverChannel;
    }

    /** Epoll if this machine has it, otherwise nio. */
    public static Transport best() {
        return Epoll.isAvailable() ? EPOLL : NIO;
    }

    /** Creates a group of exactly one event loop, on a daemon thread of this name. */
    public EventLoopGroup newEventLoop(String threadName) {
        IoHandlerFactory factory = this == EPOLL ? LastingEpoll.newFactory() : NioIoHandler.newFactory();
        return new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory(threadName, true), factory) {
            @Override
            protected IoEventLoop newChild(Executor executor, IoHandlerFactory handlers, Object... none) {
                return new SingleThreadIoEventLoop(
                        this, executor, handlers, Integer.MAX_VALUE, RejectedExecutionHandlers.reject(), TASKS_MILLIS);
            }
        };
    }

    /** The class of channels to connect with. */
    public Class<? extends SocketChannel> clientChannel() {
        return clientChannel;
    }

    /** The class of channels to listen with. */
    public Class<? extends ServerSocketChannel> serverChannel() {
        return serverChannel;
    }
}
