package io.hipache.worker;

import io.hipache.messages.Quantity;
import io.hipache.net.DrainRequested;
import io.hipache.net.IdleTimeOver;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the open client connections of a worker. Ends them when the worker ends, or when the sockets that they came through are
 * gone. Confined to the event loop.
 */
final class Drain {
    private static final Logger log = LoggerFactory.getLogger(Drain.class);

    private final EventLoop loop;
    private final Set<Channel> clients = new HashSet<>();
    private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();
    private boolean begun;
    private boolean idleTimeOver;
    private Duration idleTime = Duration.ZERO;
    private boolean cutOff;

    Drain(EventLoop loop) {
        this.loop = loop;
    }

    /** Keeps a client until its connection is closed. */
    void add(Channel client) {
        assert loop.inEventLoop();
        clients.add(client);
        client.closeFuture().addListener(future -> remove(client));
        if (begun) {
            client.pipeline().fireUserEventTriggered(DrainRequested.INSTANCE);
        }
        if (idleTimeOver) {
            loop.schedule(() -> fireIdleTimeOver(client), idleTime.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    int size() {
        return clients.size();
    }

    private void remove(Channel client) {
        clients.remove(client);
        endWhenNoneIsLeft();
    }

    /**
     * Ends the connections in three steps. Now: each client learns with its next answer that this answer is the last
     * one. After {@code idle}: connections without a request under way end. After {@code timeout}: all others are
     * closed. A second call can shorten the times that are left, but does not lengthen them.
     */
    void begin(Duration idle, Duration timeout) {
        assert loop.inEventLoop();
        if (!begun) {
            begun = true;
            for (Channel client : Set.copyOf(clients)) {
                client.pipeline().fireUserEventTriggered(DrainRequested.INSTANCE);
            }
        }
        loop.schedule(() -> endIdleClients(idle), idle.toMillis(), TimeUnit.MILLISECONDS);
        loop.schedule(this::closeAll, timeout.toMillis(), TimeUnit.MILLISECONDS);
        endWhenNoneIsLeft();
    }

    /**
     * Ends the clients that came through these listening sockets, and no others, in the steps of {@link #begin}.
     *
     * @param sockets closed: no more clients come through them
     */
    void end(Set<Channel> sockets, Duration idle, Duration timeout) {
        assert loop.inEventLoop();
        Predicate<Channel> leaves = client -> client.parent() != null && sockets.contains(client.parent());
        List<Channel> leaving = clients.stream().filter(leaves).toList();
        if (leaving.isEmpty()) {
            return;
        }
        leaving.forEach(client -> client.pipeline().fireUserEventTriggered(DrainRequested.INSTANCE));
        loop.schedule(
                () -> clients.stream().filter(leaves).toList().forEach(Drain::fireIdleTimeOver),
                idle.toMillis(),
                TimeUnit.MILLISECONDS);
        loop.schedule(
                () -> cutOff(clients.stream().filter(leaves).toList()), timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void endIdleClients(Duration idle) {
        idleTimeOver = true;
        idleTime = idle;
        for (Channel client : Set.copyOf(clients)) {
            fireIdleTimeOver(client);
        }
    }

    private static void fireIdleTimeOver(Channel client) {
        client.pipeline().fireUserEventTriggered(IdleTimeOver.INSTANCE);
    }

    /** Complete once the drain has begun and no client is left. */
    CompletableFuture<@Nullable Void> ended() {
        return ended;
    }

    /** Whether the timeout has cut off a client. */
    boolean cutOff() {
        return cutOff;
    }

    private void closeAll() {
        cutOff |= !clients.isEmpty();
        cutOff(List.copyOf(clients));
    }

    private static void cutOff(List<Channel> late) {
        if (!late.isEmpty()) {
            log.warn(
                    "cutting off {} that did not end in time",
                    Quantity.of(late.size(), "client connection", "client connections"));
        }
        late.forEach(Channel::close);
    }

    private void endWhenNoneIsLeft() {
        if (begun && clients.isEmpty()) {
            ended.complete(null);
        }
    }
}
