package io.hipache.worker;

import io.hipache.admission.Admission;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.FileDescriptor;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

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
    private final Refusal refusal;
    private final Map<Integer, Channel> channels = new LinkedHashMap<>();
    /** Those that are not in {@link #channels} any more and accept what is in their queues. */
    private final Set<Channel> leaving = new HashSet<>();

    private long acceptedBefore;

    Listeners(EventLoop loop, Drain drain, Admission admission, Refusal refusal) {
        this.loop = loop;
        this.drain = drain;
        this.admission = admission;
        this.refusal = refusal;
    }

    /**
     * Begins to accept from {@code socket}, which belongs to this object from now on.
     *
     * @param behind the listener of the socket
     * @return complete when the socket accepts
     */
    ChannelFuture listen(int id, FileDescriptor socket, WorkerConfig.Behind behind) {
        assert loop.inEventLoop();
        close(id);
        Channel channel = new EpollServerSocketChannel(socket.intValue());
        channel.config()
                .setRecvByteBufAllocator(new ServerChannelRecvByteBufAllocator()
                        .respectMaybeMoreData(false)
                        .maxMessagesPerRead(ACCEPTS_IN_A_TURN));
        channel.pipeline().addLast(new Acceptor(behind, drain, admission, refusal));
        channels.put(id, channel);
        return loop.register(channel);
    }

    /** Stops accepting from this socket. The connections in its queue are for the worker that holds it now. */
    void close(int id) {
        assert loop.inEventLoop();
        Channel channel = channels.remove(id);
        if (channel != null) {
            acceptedBefore += acceptor(channel).accepted();
            channel.close();
        }
    }

    /**
     * Has the sockets belong to the listeners of another configuration that have the same address and port. Sockets without
     * such a listener end as with {@link #closeWhenQueuesAreEmpty}.
     *
     * @return complete when those sockets are closed, with the channels that they had
     */
    CompletableFuture<Set<Channel>> follow(List<WorkerConfig.Behind> listeners) {
        assert loop.inEventLoop();
        Set<Channel> gone = new HashSet<>();
        for (Channel channel : channels.values()) {
            Acceptor acceptor = acceptor(channel);
            listeners.stream()
                    .filter(next -> next.isAt(acceptor.behind().listener()))
                    .findFirst()
                    .ifPresentOrElse(acceptor::follow, () -> gone.add(channel));
        }
        channels.values().removeAll(gone);
        return closeWhenQueuesAreEmpty(gone);
    }

    /**
     * Accepts the connections that wait in the queues, then closes the sockets. Without this, the connections would be
     * lost where no other worker holds the sockets.
     *
     * @return complete when the sockets are closed, with the channels that they had
     */
    CompletableFuture<Set<Channel>> closeWhenQueuesAreEmpty() {
        Set<Channel> all = Set.copyOf(channels.values());
        channels.clear();
        return closeWhenQueuesAreEmpty(all);
    }

    private CompletableFuture<Set<Channel>> closeWhenQueuesAreEmpty(Set<Channel> ending) {
        if (ending.isEmpty()) {
            return CompletableFuture.completedFuture(ending);
        }
        CompletableFuture<Set<Channel>> closed = new CompletableFuture<>();
        leaving.addAll(ending);
        closeAfterQuietTurn(ending, MAX_TURNS, closed);
        return closed;
    }

    private void closeAfterQuietTurn(Set<Channel> ending, int turnsLeft, CompletableFuture<Set<Channel>> closed) {
        long before = acceptedFrom(ending);
        loop.schedule(
                () -> {
                    if (acceptedFrom(ending) > before && turnsLeft > 0) {
                        closeAfterQuietTurn(ending, turnsLeft - 1, closed);
                    } else {
                        acceptedBefore += acceptedFrom(ending);
                        leaving.removeAll(ending);
                        ending.forEach(Channel::close);
                        closed.complete(ending);
                    }
                },
                TURN_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    /** How many connections this worker has accepted, from all its sockets. */
    long accepted() {
        return acceptedBefore + acceptedFrom(channels.values()) + acceptedFrom(leaving);
    }

    private static long acceptedFrom(Collection<Channel> sockets) {
        return sockets.stream()
                .mapToLong(channel -> acceptor(channel).accepted())
                .sum();
    }

    private static Acceptor acceptor(Channel channel) {
        return channel.pipeline().get(Acceptor.class);
    }
}
