package io.hipache.driver;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisChannelWriter;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.StringCodec;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to Redis that comes back by itself, with growing pauses. Logs each change of its state once. What is
 * under way when it breaks fails and is not sent again. Confined to the event loop.
 */
final class RedisLink {

    private static final Logger LOG = LoggerFactory.getLogger(RedisLink.class);
    private static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(3);

    /** A connection that lasted so long begins with the shortest pause when it breaks. */
    private static final Duration STEADY = Duration.ofSeconds(2);

    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final int LONGEST_PAUSE_SHIFT = 5;

    private final EventLoop loop;
    private final RedisClient client;
    private final RedisEndpoint endpoint;
    private final Runnable onConnected;
    private @Nullable StatefulRedisConnection<String, String> connection;
    private @Nullable RedisChannelWriter writer;
    private @Nullable String reported;
    private boolean passwordWanted = true;
    private boolean closed;
    private final CompletableFuture<@Nullable Void> firstAttempt = new CompletableFuture<>();
    private int attempts;
    private long connectedAtNanos;

    RedisLink(EventLoop loop, RedisClient client, RedisEndpoint endpoint, Runnable onConnected) {
        this.loop = loop;
        this.client = client;
        this.endpoint = endpoint;
        this.onConnected = onConnected;
    }

    /** Connects now, without waiting for it. */
    void open() {
        if (closed) {
            return;
        }
        var unused = client.connectAsync(StringCodec.UTF8, uri())
                .whenComplete((opened, failure) -> onLoop(() -> {
                    if (failure == null) {
                        connected(opened);
                    } else {
                        notConnected(failure);
                    }
                }));
    }

    boolean connected() {
        return connection != null;
    }

    /** Complete on the event loop when the server was found there, or not, for the first time; never fails. */
    CompletionStage<@Nullable Void> firstAttempt() {
        return firstAttempt;
    }

    void write(WireCommand command) {
        RedisChannelWriter current = writer;
        if (current == null) {
            command.completeExceptionally(notConnected());
        } else {
            current.write(command);
        }
    }

    /** Sends several commands, with nothing of anybody else between them. */
    void write(List<WireCommand> commands) {
        RedisChannelWriter current = writer;
        if (current == null) {
            commands.forEach(command -> command.completeExceptionally(notConnected()));
        } else {
            current.write(commands);
        }
    }

    /** Closes a connection that is of no use any more, and opens the next. */
    void reset(String reason) {
        StatefulRedisConnection<String, String> current = connection;
        if (current != null) {
            lost(current, reason);
        }
    }

    void close() {
        closed = true;
        StatefulRedisConnection<String, String> current = connection;
        connection = null;
        writer = null;
        if (current != null) {
            var unused = current.closeAsync();
        }
    }

    private RedisURI uri() {
        RedisURI.Builder uri = RedisURI.builder()
                .withHost(endpoint.host())
                .withPort(endpoint.port())
                .withDatabase(endpoint.database())
                .withClientName("hipache")
                .withTimeout(HANDSHAKE_TIMEOUT)
                .withLibraryName("")
                .withLibraryVersion("");
        String password = endpoint.password();
        if (password != null && passwordWanted) {
            uri.withPassword(password.toCharArray());
        }
        return uri.build();
    }

    private void connected(StatefulRedisConnection<String, String> opened) {
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
        LOG.info("Redis {}: connected", endpoint);
        onConnected.run();
        firstAttempt.complete(null);
    }

    private void lost(StatefulRedisConnection<String, String> one, String reason) {
        if (connection != one) {
            return;
        }
        connection = null;
        writer = null;
        if (System.nanoTime() - connectedAtNanos > STEADY.toNanos()) {
            attempts = 0;
        }
        report(reason, "");
        var unused = one.closeAsync();
        openLater();
    }

    private void notConnected(Throwable failure) {
        firstAttempt.complete(null);
        if (closed) {
            return;
        }
        Throwable root = root(failure);
        String reason = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
        if (isPasswordUnwanted(reason) && passwordWanted) {
            passwordWanted = false;
            report("wants no password, going on without", "");
        } else if (isPasswordRefused(reason)) {
            passwordWanted = true;
            report("refuses the password", ": " + reason);
        } else if (root instanceof RedisCommandExecutionException) {
            report("refuses us", ": " + reason);
        } else {
            report("cannot connect", ": " + reason);
        }
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
        long pause = FIRST_PAUSE_MILLIS << Math.min(attempts++, LONGEST_PAUSE_SHIFT);
        long jittered = pause / 2 + ThreadLocalRandom.current().nextLong(pause);
        var unused = loop.schedule(this::open, jittered, TimeUnit.MILLISECONDS);
    }

    private void onLoop(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
        } else {
            loop.execute(task);
        }
    }

    /** Redis before 6 and since; clients of Hipache's time went on without it. */
    private static boolean isPasswordUnwanted(String reason) {
        return reason.contains("no password is set") || reason.contains("without any password configured");
    }

    private static boolean isPasswordRefused(String reason) {
        return reason.startsWith("WRONGPASS")
                || reason.startsWith("NOAUTH")
                || reason.startsWith("ERR invalid password");
    }

    private static Throwable root(Throwable failure) {
        Throwable root = failure;
        for (Throwable cause = root.getCause(); cause != null; cause = root.getCause()) {
            root = cause;
        }
        return root;
    }

    private static IOException notConnected() {
        return new IOException("Redis is not connected");
    }
}
