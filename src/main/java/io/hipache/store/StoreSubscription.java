package io.hipache.store;

import io.lettuce.core.RedisException;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Listens on a channel of the store. Its owner calls {@link #keep} again and again, which comes back after a lost connection.
 * What is published meanwhile is not heard. For one thread at a time.
 */
public final class StoreSubscription implements AutoCloseable {

    private final ServerConnection server;
    private final String channel;
    private final Consumer<String> listener;
    private @Nullable StatefulRedisPubSubConnection<String, String> connection;

    StoreSubscription(ServerConnection server, String channel, Consumer<String> listener) {
        this.server = server;
        this.channel = channel;
        this.listener = listener;
    }

    /** Sees to it that messages are heard from now on. Waits for the server, a few seconds at most. */
    public void keep() throws StoreException {
        StatefulRedisPubSubConnection<String, String> open = connection;
        try {
            if (open != null && open.isOpen()) {
                // a connection may be open on this side only
                open.sync().ping();
                return;
            }
            close();
            open = server.listening();
            connection = open;
            open.addListener(new RedisPubSubAdapter<>() {
                @Override
                public void message(String from, String message) {
                    listener.accept(message);
                }
            });
            open.sync().subscribe(channel);
        } catch (RedisException e) {
            close();
            throw server.failure(e);
        }
    }

    @Override
    public void close() {
        StatefulRedisPubSubConnection<String, String> open = connection;
        connection = null;
        if (open != null) {
            var unused = open.closeAsync();
        }
    }
}
