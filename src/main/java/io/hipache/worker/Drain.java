package io.hipache.worker;

import io.hipache.net.DrainRequested;
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
    }

    int size() {
        return clients.size();
    }

    private void remove(Channel client) {
        clients.remove(client);
        endWhenNoneIsLeft();
    }

    /**
     * Asks every client channel to close when it has nothing in flight, and closes those that are open after
     * {@code timeout}. Called again, it shortens the time that is left, and never lengthens it.
     */
    void begin(Duration timeout) {
        assert loop.inEventLoop();
        if (!begun) {
            begun = true;
            for (Channel client : Set.copyOf(clients)) {
                client.pipeline().fireUserEventTriggered(DrainRequested.INSTANCE);
            }
        }
        loop.schedule(this::closeAll, timeout.toMillis(), TimeUnit.MILLISECONDS);
        endWhenNoneIsLeft();
    }

    /** Complete once it has begun and no client is left. */
    CompletableFuture<@Nullable Void> ended() {
        return ended;
    }

    private void closeAll() {
        if (!clients.isEmpty()) {
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
