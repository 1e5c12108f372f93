package io.hipache.store;

import io.hipache.driver.redis.ClientName;
import io.hipache.driver.redis.LettuceOnLoop;
import io.hipache.driver.redis.RedisKeys;
import io.hipache.net.Transport;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.resource.ClientResources;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The store for tools outside of the data path. Each call waits for its answer, a few seconds at most. The first question
 * connects. After a lost connection the next question connects again, so a tool may keep one for hours. For one thread at a
 * time, and never for an event loop.
 */
public final class StoreConnection implements AutoCloseable {

    private final StoreEndpoints endpoints;
    private final EventLoopGroup loops = Transport.best().newEventLoop("store");
    private final ClientResources resources;
    private final ServerConnection read;
    private final ServerConnection write;

    /**
     * Prepares a connection; the first question opens it.
     *
     * @param role what the connection is for, which {@code CLIENT LIST} shows
     * @throws StoreException when this machine cannot use the address
     */
    public StoreConnection(StoreEndpoints endpoints, ClientName role) throws StoreException {
        this.endpoints = endpoints;
        EventLoop loop = loops.next();
        this.resources = LettuceOnLoop.resources(loop);
        try {
            this.read = new ServerConnection(loop, resources, endpoints.read(), role);
            this.write = endpoints.read().sharesConnectionWith(endpoints.write())
                    ? read
                    : new ServerConnection(loop, resources, endpoints.write(), role);
        } catch (IllegalArgumentException e) {
            end();
            throw new StoreException(StoreException.Kind.AWAY, "Redis: " + e.getMessage());
        }
    }

    public StoreEndpoints endpoints() {
        return endpoints;
    }

    /** The names of the keys on both servers. */
    public RedisKeys keys() {
        return endpoints.keys();
    }

    /** Asks the server that the proxy asks for its routes. */
    public <T> T read(Function<RedisCommands<String, String>, T> question) throws StoreException {
        return read.read(question);
    }

    /** Asks the server on which changes are made. */
    public <T> T write(Function<RedisCommands<String, String>, T> question) throws StoreException {
        return write.write(question);
    }

    /** Finds out whether both servers answer. */
    public void ping() throws StoreException {
        read.<String>read(commands -> commands.ping());
        write.<String>read(commands -> commands.ping());
    }

    /** Whether the routes are read from another server than the one on which changes are made. */
    public boolean isSplit() {
        return write != read;
    }

    /**
     * Prepares to listen on a channel of the server on which changes are made; {@link StoreSubscription#keep} begins.
     *
     * @param listener is told each message, on another thread, which it must not block
     */
    public StoreSubscription subscription(String channel, Consumer<String> listener) {
        return new StoreSubscription(write, channel, listener);
    }

    @Override
    public void close() {
        read.close();
        if (write != read) {
            write.close();
        }
        end();
    }

    private void end() {
        var unused = resources.shutdown(0, 0, TimeUnit.SECONDS);
        var unusedLoops = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
