package io.hipache.worker;

import io.hipache.net.DrainRequested;
import io.hipache.net.IdleTimeOver;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Knows the open client connections of a worker, and ends them when the worker ends. Confined to the event loop. */
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

    /** Takes note of a client until it is closed. */
    void add(Channel client) {
        assert loop.inEventLoop();
        clients.add(client);
        client.closeFuture().addListener(future -> remove(client));
        if (begun) {
            client.pipeline().fireUserEventTriggered(DrainRequested.INSTANCE);
        }
        if (idleTimeOver) {
            loop.schedule(() -> tell(client), idleTime.toMillis(), TimeUnit.MILLISECONDS);
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
     * Has every client told with its next answer that it is the last one, ends the connections that have none to get
     * within {@code idle}, and closes those that are open after {@code timeout}. Called again, it shortens the times that
     * are left, and never lengthens them.
     */
    void begin(Duration idle, Duration timeout) {
        assert loop.inEventLoop();
        if (!begun) {
            begun = true;
            for (Channel client : Set.copyOf(clients)) {
                client.pipeline().fireUserEventTriggered(DrainRequested.INSTANCE);
            }
        }
        loop.schedule(() -> endIdleOnes(idle), idle.toMillis(), TimeUnit.MILLISECONDS);
        loop.schedule(this::closeAll, timeout.toMillis(), TimeUnit.MILLISECONDS);
        endWhenNoneIsLeft();
    }

    private void endIdleOnes(Duration idle) {
        idleTimeOver = true;
        idleTime = idle;
        for (Channel client : Set.copyOf(clients)) {
            tell(client);
        }
    }

    private static void tell(Channel client) {
        client.pipeline().fireUserEventTriggered(IdleTimeOver.INSTANCE);
    }

    /** Complete once it has begun and no client is left. */
    CompletableFuture<@Nullable Void> ended() {
        return ended;
    }

    /** Whether a client was cut off when the time was over. */
    boolean cutOff() {
        return cutOff;
    }

    private void closeAll() {
        if (!clients.isEmpty()) {
            cutOff = true;
            log.warn("{} client connections are cut off, the time for them is over", clients.size());
        }
        for (Channel client : Set.copyOf(clients)) {
            client.close();
        }
    }

    private void endWhenNoneIsLeft() {
        if (begun && clients.isEmpty()) {
            ended.complete(null);
        }
    }
}
