package io.hipache.worker;

import io.hipache.admission.Admission;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.FileDescriptor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The listening sockets that a worker holds now, on its event loop, by the supervisor's number. The supervisor holds them
 * too: closing them here leaves their queues to other workers, while there is a supervisor. Confined to the event loop.
 */
final class Listeners {
    /** The shortest time in which the loop has asked the kernel again for certain. */
    private static final long TURN_MILLIS = 2;
    /** Under a stream of new connections the queue is never empty. */
    private static final int MAX_TURNS = 50;

    private final EventLoop loop;
    private final Drain drain;
    private final Admission admission;
    private final Map<Integer, Channel> channels = new LinkedHashMap<>();
    private long acceptedBefore;

    Listeners(EventLoop loop, Drain drain, Admission admission) {
        this.loop = loop;
        this.drain = drain;
        this.admission = admission;
    }

    /**
     * Begins to accept from {@code socket}, which belongs to this object from now on.
     *
     * @return complete when it does
     */
    ChannelFuture listen(int id, FileDescriptor socket, ChannelHandler clientPipeline) {
        assert loop.inEventLoop();
        close(id);
        Channel channel = new EpollServerSocketChannel(socket.intValue());
        channel.pipeline().addLast(new Acceptor(clientPipeline, drain, admission));
        channels.put(id, channel);
        return loop.register(channel);
    }

    /** Accepts nothing more from this one; what waits in its queue is for the worker that has it now. */
    void close(int id) {
        assert loop.inEventLoop();
        Channel channel = channels.remove(id);
        if (channel != null) {
            acceptedBefore += acceptedFrom(channel);
            channel.close();
        }
    }

    /**
     * Accepts what waits in the queues, then closes: nobody else may ever accept from them.
     *
     * @return complete when they are closed
     */
    CompletableFuture<@Nullable Void> closeWhenQueuesAreEmpty() {
        CompletableFuture<@Nullable Void> closed = new CompletableFuture<>();
        if (channels.isEmpty()) {
            closed.complete(null);
        } else {
            closeAfterQuietTurn(MAX_TURNS, closed);
        }
        return closed;
    }

    private void closeAfterQuietTurn(int turnsLeft, CompletableFuture<@Nullable Void> closed) {
        long before = accepted();
        loop.schedule(
                () -> {
                    if (accepted() > before && turnsLeft > 0) {
                        closeAfterQuietTurn(turnsLeft - 1, closed);
                    } else {
                        channels.values().forEach(Channel::close);
                        channels.clear();
                        closed.complete(null);
                    }
                },
                TURN_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    /** How many connections were accepted until now. */
    long accepted() {
        return acceptedBefore
                + channels.values().stream().mapToLong(Listeners::acceptedFrom).sum();
    }

    private static long acceptedFrom(Channel channel) {
        return channel.pipeline().get(Acceptor.class).accepted();
    }
}
