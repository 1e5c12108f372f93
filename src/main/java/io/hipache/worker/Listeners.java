package io.hipache.worker;

import io.hipache.admission.Admission;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.FileDescriptor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The listening sockets that a worker holds, by the number that the supervisor gave each socket. The supervisor holds
 * the sockets too. So when a worker closes a socket, its queue stays for the next worker, as long as the supervisor
 * lives. Confined to the event loop.
 */
final class Listeners {
    /** After this time the loop has certainly asked the kernel for new connections once more. */
    private static final long TURN_MILLIS = 2;
    /** A limit is needed: while new connections keep coming, the queue is never empty. */
    private static final int MAX_TURNS = 50;

    /**
     * How many connections are taken from a queue before all others have their turn. Netty would take one: it goes on only
     * while a read has filled its buffer, and an accept has none.
     */
    private static final int ACCEPTS_IN_A_TURN = 16;

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
     * @param clientPipeline equips each accepted connection
     * @param plain whether clients speak HTTP without TLS
     * @return complete when the socket accepts
     */
    ChannelFuture listen(int id, FileDescriptor socket, ChannelHandler clientPipeline, boolean plain) {
        assert loop.inEventLoop();
        close(id);
        Channel channel = new EpollServerSocketChannel(socket.intValue());
        channel.config()
                .setRecvByteBufAllocator(new ServerChannelRecvByteBufAllocator()
                        .respectMaybeMoreData(false)
                        .maxMessagesPerRead(ACCEPTS_IN_A_TURN));
        channel.pipeline().addLast(new Acceptor(clientPipeline, plain, drain, admission));
        channels.put(id, channel);
        return loop.register(channel);
    }

    /** Stops accepting from this socket. The connections in its queue are for the worker that holds it now. */
    void close(int id) {
        assert loop.inEventLoop();
        Channel channel = channels.remove(id);
        if (channel != null) {
            acceptedBefore += acceptedFrom(channel);
            channel.close();
        }
    }

    /**
     * Accepts the connections that wait in the queues, then closes the sockets. Without this, the connections would be
     * lost where no other worker holds the sockets.
     *
     * @return complete when the sockets are closed
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

    /** How many connections this worker has accepted, from all its sockets. */
    long accepted() {
        return acceptedBefore
                + channels.values().stream().mapToLong(Listeners::acceptedFrom).sum();
    }

    private static long acceptedFrom(Channel channel) {
        return channel.pipeline().get(Acceptor.class).accepted();
    }
}
