package io.hipache.driver.redis;

import io.hipache.driver.redis.RedisAddress.Sentinels;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisChannelWriter;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.StringCodec;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to Redis that comes back by itself, with growing pauses. Logs each change of its state once. What is
 * under way when it breaks fails and is not sent again. Confined to the event loop.
 */
public final class RedisLink {

    private static final Logger LOG = LoggerFactory.getLogger(RedisLink.class);

    /** A connection that lasted so long begins with the shortest pause when it breaks. */
    private static final Duration STEADY = Duration.ofSeconds(2);

    /**
     * What Lettuce says of a connection that ends before the login is over. It can end it itself, because of a refusal, and
     * forget that: the next attempt tells.
     */
    private static final String CUT_SHORT = "Connection closed prematurely";

    private final EventLoop loop;
    private final RedisClient client;
    private final RedisEndpoint endpoint;
    private final Login login;
    private final Backoff backoff = new Backoff(new Random());
    private final @Nullable SentinelWatch sentinels;
    private final Runnable onConnected;
    private final CompletableFuture<@Nullable Void> firstAttempt = new CompletableFuture<>();
    private @Nullable StatefulRedisConnection<String, String> connection;
    private @Nullable RedisChannelWriter writer;
    private @Nullable String reported;
    private @Nullable String conceded;
    private boolean cutShort;
    private boolean moved;
    private boolean closed;
    private long connectedAtNanos;

    /**
     * A connection that {@link #open} opens.
     *
     * @param client of its own, closed with it
     */
    public RedisLink(EventLoop loop, RedisClient client, RedisEndpoint endpoint, Runnable onConnected) {
        this.loop = loop;
        this.client = client;
        this.endpoint = endpoint;
        this.login = new Login(endpoint);
        this.sentinels = endpoint.address() instanceof Sentinels address
                ? new SentinelWatch(loop, client, endpoint, address, this::moved)
                : null;
        this.onConnected = onConnected;
    }

    /** Connects now, without waiting for it. */
    public void open() {
        if (closed) {
            return;
        }
        moved = false;
        if (sentinels == null) {
            connect(endpoint.address());
        } else {
            sentinels.locate(this::connect, this::notConnected);
        }
    }

    private void connect(RedisAddress server) {
        var unused = client.connectAsync(StringCodec.UTF8, LettuceOnLoop.uri(server, login, endpoint.database()))
                .whenComplete((opened, failure) -> onLoop(() -> {
                    if (failure == null) {
                        connected(server, opened);
                    } else {
                        refused(server, failure);
                    }
                }));
    }

    /** Complete when it is known whether the server was there at first, and on the loop; never fails. */
    public CompletionStage<@Nullable Void> firstAttempt() {
        return firstAttempt;
    }

    public boolean connected() {
        return connection != null;
    }

    public void write(WireCommand command) {
        RedisChannelWriter current = writer;
        if (current == null) {
            command.completeExceptionally(notConnected());
        } else {
            current.write(command);
        }
    }

    /** Sends several commands, with nothing of anybody else between them. */
    public void write(List<WireCommand> commands) {
        RedisChannelWriter current = writer;
        if (current == null) {
            commands.forEach(command -> command.completeExceptionally(notConnected()));
        } else {
            current.write(commands);
        }
    }

    /** A server that takes no marks is not the master any more; where Sentinel knows another one, that is looked for. */
    public void notTheMaster() {
        if (sentinels != null) {
            reset("is not the master any more");
        }
    }

    /** Closes a connection that is of no use any more, and opens the next. */
    public void reset(String reason) {
        StatefulRedisConnection<String, String> current = connection;
        if (current != null) {
            lost(current, reason);
        }
    }

    public void close() {
        closed = true;
        StatefulRedisConnection<String, String> current = connection;
        connection = null;
        writer = null;
        if (current != null) {
            var unused = current.closeAsync();
        }
        if (sentinels != null) {
            sentinels.close();
        }
        firstAttempt.complete(null);
        var unusedEnd = client.shutdownAsync(0, 0, TimeUnit.SECONDS);
    }

    private void connected(RedisAddress server, StatefulRedisConnection<String, String> opened) {
        if (closed) {
            var unused = opened.closeAsync();
            return;
        }
        connection = opened;
        writer = ((RedisChannelHandler<?, ?>) opened).getChannelWriter();
        opened.addListener(new RedisConnectionStateListener() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> disconnected) {
                onLoop(() -> lost(opened, "connection lost"));
            }
        });
        connectedAtNanos = System.nanoTime();
        reported = null;
        LOG.info("Redis {}: connected{}", endpoint, sentinels == null ? "" : " to " + server);
        concede();
        if (moved) {
            lost(opened, "has moved");
            return;
        }
        onConnected.run();
        firstAttempt.complete(null);
    }

    /** Says once with how little the server was content. */
    private void concede() {
        String concession = login.succeeded();
        if (concession != null && !concession.equals(conceded)) {
            LOG.warn("Redis {}: {}", endpoint, concession);
        }
        conceded = concession;
    }

    private void moved() {
        moved = true;
        reset("has moved");
    }

    private void lost(StatefulRedisConnection<String, String> one, String reason) {
        if (connection != one) {
            return;
        }
        connection = null;
        writer = null;
        if (System.nanoTime() - connectedAtNanos > STEADY.toNanos()) {
            backoff.reset();
        }
        report(reason, "");
        var unused = one.closeAsync();
        openLater();
    }

    private void refused(RedisAddress server, Throwable failure) {
        if (!closed && login.adaptsTo(Failures.reason(failure))) {
            connect(server);
        } else {
            notConnected(failure);
        }
    }

    private void notConnected(Throwable failure) {
        if (closed) {
            return;
        }
        String reason = Failures.reason(failure);
        boolean cutShortBefore = cutShort;
        cutShort = reason.equals(CUT_SHORT);
        if (cutShort && !cutShortBefore) {
            openLater();
            return;
        }
        if (Login.isRefusal(reason)) {
            report("refuses the password", ": " + reason);
        } else if (Failures.root(failure) instanceof RedisCommandExecutionException) {
            report("refuses us", ": " + reason);
        } else {
            report("cannot connect", ": " + reason);
        }
        firstAttempt.complete(null);
        openLater();
    }

    /** Logs a state that is not the one logged last; its detail may vary from one attempt to the next. */
    private void report(String state, String detail) {
        if (!closed && !state.equals(reported)) {
            reported = state;
            LOG.warn("Redis {}: {}{}", endpoint, state, detail);
        }
    }

    private void openLater() {
        if (closed || loop.isShuttingDown()) {
            return;
        }
        var unused = loop.schedule(this::open, backoff.nextMillis(), TimeUnit.MILLISECONDS);
    }

    private void onLoop(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
        } else {
            loop.execute(task);
        }
    }

    private static IOException notConnected() {
        return new IOException("Redis is not connected");
    }
}
