package io.hipache.driver.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisChannelWriter;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.push.PushListener;
import io.lettuce.core.api.push.PushMessage;
import io.lettuce.core.codec.StringCodec;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to Redis that reconnects by itself, with growing pauses. It logs each change of its state once. When the
 * connection breaks, commands without a reply fail; they are not sent again. Confined to the event loop.
 */
public final class RedisLink {

    /** Why there is no answer when there was no connection in time. */
    public static final String NOT_CONNECTED = "Redis is not connected";

    /** Why there is no answer when the connection ended before the reply. */
    public static final String LOST = "the connection to Redis is lost";

    /** Hears what becomes of the connection. Called on the event loop. */
    public interface Listener {

        /** There is a new connection, logged in to. */
        void connected();

        /** The connection has ended. */
        default void lost() {}

        /** There is no connection, and there will be none at once: the first attempt failed, or takes its time. */
        default void away() {}

        /** The server has sent something that is no reply (RESP3). */
        default void pushed(PushMessage message) {}
    }

    private static final Logger LOG = LoggerFactory.getLogger(RedisLink.class);

    /** After a connection that lasted this long, or was of use, reconnecting begins with the shortest pause again. */
    private static final Duration STEADY = Duration.ofSeconds(2);

    /** The first attempt to reconnect waits for nothing, unless the last one was less than this ago. */
    private static final Duration APART = Duration.ofMillis(50);

    /** A lost connection is expected back within this time. */
    private static final long SOON_MILLIS = 500;

    private final EventLoop loop;
    private final RedisClient client;
    private final RedisEndpoint endpoint;
    private final ClientName name;
    private final ServerLocator locator;
    private final Listener listener;
    private final Login login;
    private final Backoff backoff = new Backoff(new Random());
    private final CompletableFuture<@Nullable Void> firstAttempt = new CompletableFuture<>();
    private final ServerLocator.Listener located = new Located();
    private @Nullable StatefulRedisConnection<String, String> connection;
    private @Nullable RedisChannelWriter writer;
    private @Nullable String reportedState;
    private @Nullable String reportedLogin;
    private String problem = "not connected yet";
    private boolean moved;
    private boolean closed;
    private boolean useful;
    private boolean away;
    private int number;
    private long connectedAtNanos;

    /**
     * A connection that {@link #open} opens.
     *
     * @param name what the connection is for
     * @param client used by this connection and by {@code locator} only; closed with this connection
     * @param locator says where the server is; closed with this connection
     * @param listener hears what becomes of the connection
     */
    public RedisLink(
            EventLoop loop,
            RedisClient client,
            RedisEndpoint endpoint,
            ClientName name,
            ServerLocator locator,
            Listener listener) {
        this.name = name;
        this.loop = loop;
        this.client = client;
        this.endpoint = endpoint;
        this.locator = locator;
        this.listener = listener;
        this.login = new Login(endpoint);
    }

    /** Begins to connect and returns at once. */
    public void open() {
        if (closed || loop.isShuttingDown()) {
            return;
        }
        moved = false;
        locator.locate(located);
    }

    /** Complete, on the loop, when the first attempt to connect has succeeded or failed; never fails. */
    public CompletionStage<@Nullable Void> firstAttempt() {
        return firstAttempt;
    }

    public boolean connected() {
        return connection != null;
    }

    /** The number of the connection, or of the last one: 1 for the first, 0 before. */
    public int number() {
        return number;
    }

    /** Whether there is no connection, and the last attempt to open one failed or takes its time. */
    public boolean isAway() {
        return away;
    }

    /** Why there is no connection, in one line with the server; empty when there is one. */
    public String problem() {
        return connected() ? "" : "Redis " + endpoint + ": " + problem;
    }

    /** Sends a command; without a connection the command fails at once. */
    public void write(RedisCommand command) {
        RedisChannelWriter current = writer;
        if (current == null) {
            command.failed(notConnected());
        } else {
            current.write(new LettuceCommand(command));
        }
    }

    /** Sends several commands one directly after the other, with no other command in between. */
    public void write(List<RedisCommand> commands) {
        RedisChannelWriter current = writer;
        if (current == null) {
            commands.forEach(command -> command.failed(notConnected()));
        } else {
            current.write(commands.stream().map(LettuceCommand::new).toList());
        }
    }

    /** To be called for the answer to a look-up: the server is of use, so a lost connection to it is opened again at once. */
    public void answered() {
        useful = true;
    }

    /**
     * To be called when the server refuses writes because it is a replica now. Under Sentinel the link then asks for the
     * master again; with a fixed address there is no other server to connect to.
     */
    public void notTheMaster() {
        if (endpoint.address() instanceof RedisAddress.Sentinels) {
            reset("is not the master any more");
        }
    }

    /** Closes the connection and opens another one. */
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
        locator.close();
        firstAttempt.complete(null);
        var unusedEnd = client.shutdownAsync(0, 0, TimeUnit.SECONDS);
    }

    private void connect(RedisAddress server) {
        var unused = client.connectAsync(StringCodec.UTF8, LettuceOnLoop.uri(server, login, endpoint.database(), name))
                .whenComplete((opened, failure) -> LettuceOnLoop.run(loop, () -> {
                    if (failure == null) {
                        connected(server, opened);
                    } else {
                        refused(server, failure);
                    }
                }));
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
                LettuceOnLoop.run(loop, () -> lost(opened, "connection lost"));
            }
        });
        opened.addListener((PushListener) message -> pushed(opened, message));
        number++;
        away = false;
        connectedAtNanos = System.nanoTime();
        useful = false;
        reportedState = null;
        // mostly the same object; see RedisEndpoint.sharesConnectionWith
        LOG.info("Redis {}: connected{}", endpoint, Objects.equals(server, endpoint.address()) ? "" : " to " + server);
        reportReducedLogin();
        if (moved) {
            lost(opened, "has moved");
            return;
        }
        listener.connected();
        firstAttempt.complete(null);
    }

    /** Lettuce calls this between the replies before and behind the message, so its order is that of the server. */
    private void pushed(StatefulRedisConnection<String, String> from, PushMessage message) {
        assert loop.inEventLoop();
        if (connection == from) {
            listener.pushed(message);
        }
    }

    /** Logs once that the server was content with less than the configured user and password. */
    private void reportReducedLogin() {
        String reduced = login.succeeded();
        if (reduced != null && !reduced.equals(reportedLogin)) {
            LOG.warn("Redis {}: {}", endpoint, reduced);
        }
        reportedLogin = reduced;
    }

    private void lost(StatefulRedisConnection<String, String> broken, String reason) {
        if (connection != broken) {
            return;
        }
        connection = null;
        writer = null;
        long lasted = System.nanoTime() - connectedAtNanos;
        boolean good = useful || lasted > STEADY.toNanos();
        if (good) {
            backoff.reset();
        }
        problem = reason;
        reportState(reason, "");
        var unused = broken.closeAsync();
        listener.lost();
        if (!closed && !loop.isShuttingDown()) {
            int last = number;
            var unusedTimer = loop.schedule(() -> awayAfter(last), SOON_MILLIS, TimeUnit.MILLISECONDS);
        }
        if (good && lasted > APART.toNanos()) {
            loop.execute(this::open);
        } else {
            openLater();
        }
    }

    private void awayAfter(int last) {
        if (number == last && connection == null && !closed && !away) {
            away = true;
            listener.away();
        }
    }

    private void refused(RedisAddress server, Throwable failure) {
        if (!closed && login.adaptsTo(ConnectFailure.of(failure).reason())) {
            connect(server);
        } else {
            notConnected(failure);
        }
    }

    private void notConnected(Throwable thrown) {
        if (closed) {
            return;
        }
        ConnectFailure failure = ConnectFailure.of(thrown);
        String reason = failure.reason();
        String refusal = login.refusal(reason);
        String state = refusal != null ? refusal : failure.answered() ? "refuses the connection" : "cannot connect";
        problem = state + ": " + reason;
        reportState(state, ": " + reason);
        awayAfter(number);
        firstAttempt.complete(null);
        openLater();
    }

    /** Logs the state when another one was logged last. The detail may vary from one attempt to the next. */
    private void reportState(String state, String detail) {
        if (!closed && !state.equals(reportedState)) {
            reportedState = state;
            LOG.warn("Redis {}: {}{}", endpoint, state, detail);
        }
    }

    private void openLater() {
        if (closed || loop.isShuttingDown()) {
            return;
        }
        var unused = loop.schedule(this::open, backoff.nextMillis(), TimeUnit.MILLISECONDS);
    }

    /** The server, as the configuration names it. */
    @Override
    public String toString() {
        return endpoint.toString();
    }

    private static IOException notConnected() {
        return new IOException(NOT_CONNECTED);
    }

    /** What the locator says. */
    private final class Located implements ServerLocator.Listener {

        @Override
        public void found(RedisAddress server) {
            connect(server);
        }

        @Override
        public void notFound(Throwable failure) {
            notConnected(failure);
        }

        @Override
        public void moved() {
            moved = true;
            reset("has moved");
        }
    }
}
