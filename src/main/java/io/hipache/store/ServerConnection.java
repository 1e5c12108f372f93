package io.hipache.store;

import io.hipache.driver.redis.ClientName;
import io.hipache.driver.redis.ConnectFailure;
import io.hipache.driver.redis.LettuceOnLoop;
import io.hipache.driver.redis.Login;
import io.hipache.driver.redis.RedisAddress;
import io.hipache.driver.redis.RedisAddress.Sentinels;
import io.hipache.driver.redis.RedisAddress.Tcp;
import io.hipache.driver.redis.RedisEndpoint;
import io.hipache.driver.sentinel.SentinelQuestion;
import io.hipache.store.StoreException.Kind;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A connection to one server, opened when it is needed. */
final class ServerConnection {

    private static final Duration COMMAND = Duration.ofSeconds(5);

    /** Lettuce ends each step of a connect sooner. */
    private static final Duration CONNECT = Duration.ofSeconds(8);

    private final EventLoop loop;
    private final RedisClient client;
    private final RedisEndpoint endpoint;
    private final ClientName role;
    private @Nullable StatefulRedisConnection<String, String> connection;

    ServerConnection(EventLoop loop, ClientResources resources, RedisEndpoint endpoint, ClientName role) {
        this.loop = loop;
        this.client = LettuceOnLoop.client(resources, endpoint.address(), COMMAND);
        this.endpoint = endpoint;
        this.role = role;
    }

    /** Asks once more, on a new connection, where the first one is lost: a question that only reads may be asked twice. */
    <T> T read(Function<RedisCommands<String, String>, T> question) throws StoreException {
        try {
            return answer(question);
        } catch (RedisException e) {
            drop();
            return write(question);
        }
    }

    /** Asks at most once, because the server may have done it. */
    <T> T write(Function<RedisCommands<String, String>, T> question) throws StoreException {
        try {
            return answer(question);
        } catch (RedisException e) {
            drop();
            throw away("connection lost: " + ConnectFailure.of(e).reason());
        }
    }

    /** @throws RedisException when the connection is lost */
    private <T> T answer(Function<RedisCommands<String, String>, T> question) throws StoreException {
        StatefulRedisConnection<String, String> open = connection;
        if (open == null || !open.isOpen()) {
            drop();
            open = connected();
            open.setTimeout(COMMAND);
            connection = open;
        }
        try {
            return question.apply(open.sync());
        } catch (RedisCommandTimeoutException e) {
            drop();
            throw away("gives no answer within " + COMMAND.toSeconds() + " s");
        } catch (RedisCommandExecutionException e) {
            StoreException refused = StoreException.ofReply(endpoint.toString(), String.valueOf(e.getMessage()));
            if (refused.kind() == Kind.READ_ONLY) {
                // Sentinel may name another master by now
                drop();
            }
            throw refused;
        }
    }

    /** The client closes its connections. */
    void close() {
        connection = null;
        var unused = client.shutdownAsync(0, 0, TimeUnit.SECONDS);
    }

    private void drop() {
        StatefulRedisConnection<String, String> old = connection;
        connection = null;
        if (old != null && old.isOpen()) {
            var unused = old.closeAsync();
        }
    }

    /** Opens a connection to listen on, apart from the one for questions. */
    StatefulRedisPubSubConnection<String, String> listening() throws StoreException {
        RedisAddress server = server();
        Login login = new Login(endpoint);
        StatefulRedisPubSubConnection<String, String> opened = attempt(
                login,
                () -> client.connectPubSubAsync(
                        StringCodec.UTF8, LettuceOnLoop.uri(server, login, endpoint.database(), role)));
        opened.setTimeout(COMMAND);
        return opened;
    }

    /** What the server or the connection has done to a command. */
    StoreException failure(RedisException e) {
        return e instanceof RedisCommandExecutionException
                ? StoreException.ofReply(endpoint.toString(), String.valueOf(e.getMessage()))
                : away(ConnectFailure.of(e).reason());
    }

    private RedisAddress server() throws StoreException {
        return endpoint.address() instanceof Sentinels sentinels ? located(sentinels) : endpoint.address();
    }

    private StatefulRedisConnection<String, String> connected() throws StoreException {
        RedisAddress server = server();
        Login login = new Login(endpoint);
        return attempt(
                login,
                () -> client.connectAsync(
                        StringCodec.UTF8, LettuceOnLoop.uri(server, login, endpoint.database(), role)));
    }

    /** Asks the Sentinels one after the other, and tells what the last one said when none helps. */
    private Tcp located(Sentinels sentinels) throws StoreException {
        StoreException last = away("no Sentinel is named");
        for (Tcp sentinel : sentinels.sentinels()) {
            Login login = Login.forSentinel(endpoint);
            StatefulRedisPubSubConnection<String, String> asked = null;
            try {
                asked = attempt(login, () -> {
                    RedisURI uri = LettuceOnLoop.uri(sentinel, login, 0, ClientName.SENTINEL);
                    return client.connectPubSubAsync(StringCodec.UTF8, uri)
                            .thenCompose(opened -> opened.async().ping().handle((pong, refusal) -> {
                                if (refusal == null) {
                                    return opened;
                                }
                                var unused = opened.closeAsync();
                                throw new RedisException(refusal);
                            }));
                });
                return await(SentinelQuestion.ask(loop, asked, sentinels)).get(0);
            } catch (StoreException e) {
                last = e;
            } catch (ExecutionException e) {
                last = away("Sentinel " + sentinel + ": " + ConnectFailure.of(e).reason());
            } finally {
                if (asked != null) {
                    var unused = asked.closeAsync();
                }
            }
        }
        throw last;
    }

    private interface Opening<T> {
        CompletionStage<T> begin();
    }

    /** Connects, with other credentials where the server does not want all of them. */
    private <T> T attempt(Login login, Opening<T> opening) throws StoreException {
        while (true) {
            try {
                return await(opening.begin());
            } catch (ExecutionException e) {
                ConnectFailure failure = ConnectFailure.of(e);
                if (!login.adaptsTo(failure.reason())) {
                    throw refused(login, failure);
                }
            }
        }
    }

    private StoreException refused(Login login, ConnectFailure failure) {
        String refusal = login.refusal(failure.reason());
        if (refusal != null) {
            return new StoreException(Kind.FORBIDDEN, "Redis " + endpoint + ": " + refusal + ": " + failure.reason());
        }
        return away((failure.answered() ? "refuses the connection: " : "cannot connect: ") + failure.reason());
    }

    private <T> T await(CompletionStage<T> stage) throws ExecutionException, StoreException {
        try {
            return stage.toCompletableFuture().get(CONNECT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw away("cannot connect within " + CONNECT.toSeconds() + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw away("interrupted");
        }
    }

    private StoreException away(String why) {
        return new StoreException(Kind.AWAY, "Redis " + endpoint + ": " + why);
    }
}
