package io.hipache.worker;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.FileDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The listening sockets that a worker was handed, on its event loop. The supervisor holds them too: closing them here
 * leaves their queues to the next worker of the slot, while there is a supervisor.
 */
final class Listeners {
    /** The shortest time in which the loop has asked the kernel again for certain. */
    private static final long TURN_MILLIS = 2;
    /** Under a stream of new connections the queue is never empty. */
    private static final int MAX_TURNS = 50;

    private final EventLoop loop;
    private final List<Channel> channels = new ArrayList<>();
    private final List<Acceptor> acceptors = new ArrayList<>();

    Listeners(EventLoop loop) {
        this.loop = loop;
    }

    /** Begins to accept from {@code socket}, which belongs to this object from now on. */
    void listen(FileDescriptor socket, ChannelHandler clientPipeline, Drain drain) {
        Acceptor acceptor = new Acceptor(clientPipeline, drain);
        Channel channel = new EpollServerSocketChannel(socket.intValue());
        channel.pipeline().addLast(acceptor);
        channels.add(channel);
        acceptors.add(acceptor);
        loop.register(channel).syncUninterruptibly();
    }

    /** Accepts nothing more from now on; what waits in the queues is for the next worker of the slot. */
    void close() {
        channels.forEach(Channel::close);
    }

    /**
     * Accepts what waits in the queues, then closes: for the end of the whole program, when no other worker comes.
     *
     * @return complete when they are closed
     */
    CompletableFuture<@Nullable Void> closeWhenQueuesAreEmpty() {
        CompletableFuture<@Nullable Void> closed = new CompletableFuture<>();
        closeAfterQuietTurn(MAX_TURNS, closed);
        return closed;
    }

    private void closeAfterQuietTurn(int turnsLeft, CompletableFuture<@Nullable Void> closed) {
        long before = accepted();
        loop.schedule(
                () -> {
                    if (accepted() > before && turnsLeft > 0) {
                        closeAfterQuietTurn(turnsLeft - 1, closed);
                    } else {
                        close();
                        closed.complete(null);
                    }
                },
                TURN_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    private long accepted() {
        return acceptors.stream().mapToLong(Acceptor::accepted).sum();
    }
}
