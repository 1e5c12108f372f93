package io.hipache.driver.sentinel;

import io.hipache.driver.redis.Backoff;
import io.hipache.driver.redis.ClientName;
import io.hipache.driver.redis.ConnectFailure;
import io.hipache.driver.redis.LettuceOnLoop;
import io.hipache.driver.redis.Login;
import io.hipache.driver.redis.RedisAddress.Sentinels;
import io.hipache.driver.redis.RedisAddress.Tcp;
import io.hipache.driver.redis.RedisEndpoint;
import io.hipache.driver.redis.ServerLocator;
import io.hipache.driver.redis.TroubleLog;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks Sentinel where a Redis is, and is told by Sentinel when that changes. It keeps one connection to one Sentinel for
 * this. When the connection breaks, it connects again, to another Sentinel when the first one does not answer. Confined to
 * the event loop.
 */
public final class SentinelWatch implements ServerLocator {

    private static final Logger LOG = LoggerFactory.getLogger(SentinelWatch.class);
    private static final String SWITCH_CHANNEL = "+switch-master";

    private final EventLoop loop;
    private final RedisClient client;
    private final Sentinels address;
    private final Login login;
    private final Random random = new Random();
    private final Backoff backoff = new Backoff(random);
    private final TroubleLog troubles = new TroubleLog(LOG, Duration.ZERO);
    private @Nullable Listener listener;
    private @Nullable StatefulRedisPubSubConnection<String, String> watching;
    private @Nullable Tcp current;
    private int nextSentinel;
    private int searches;
    private boolean closed;

    public SentinelWatch(EventLoop loop, RedisClient client, RedisEndpoint endpoint, Sentinels address) {
        this.loop = loop;
        this.client = client;
        this.address = address;
        this.login = Login.forSentinel(endpoint);
    }

    @Override
    public void locate(Listener asking) {
        listener = asking;
        search(
                servers -> {
                    Tcp chosen = servers.get(random.nextInt(servers.size()));
                    current = chosen;
                    asking.found(chosen);
                },
                asking::notFound);
    }

    @Override
    public void close() {
        closed = true;
        disconnect();
    }

    /** Replaces the search before it, if that one is still under way. */
    private void search(Consumer<List<Tcp>> found, Consumer<Throwable> notFound) {
        disconnect();
        new Search(++searches, found, notFound).ask(address.sentinels().size());
    }

    /** One search: asks each Sentinel in turn until one answers, and keeps the connection to that one. */
    private final class Search {

        private final int number;
        private final Consumer<List<Tcp>> found;
        private final Consumer<Throwable> notFound;

        Search(int number, Consumer<List<Tcp>> found, Consumer<Throwable> notFound) {
            this.number = number;
            this.found = found;
            this.notFound = notFound;
        }

        /** @param left how many Sentinels to ask at most */
        void ask(int left) {
            Tcp sentinel =
                    address.sentinels().get(nextSentinel % address.sentinels().size());
            var unused = client.connectPubSubAsync(
                            StringCodec.UTF8, LettuceOnLoop.uri(sentinel, login, 0, ClientName.SENTINEL))
                    .whenComplete((connection, failure) -> LettuceOnLoop.run(loop, () -> {
                        if (failure != null) {
                            failed(left, sentinel, failure);
                        } else {
                            connected(left, sentinel, connection);
                        }
                    }));
        }

        private void connected(int left, Tcp sentinel, StatefulRedisPubSubConnection<String, String> connection) {
            var unused = SentinelQuestion.ask(loop, connection, address)
                    .whenComplete((servers, failure) -> LettuceOnLoop.run(loop, () -> {
                        if (failure != null || isOver()) {
                            var unusedEnd = connection.closeAsync();
                        }
                        if (failure != null) {
                            failed(left, sentinel, failure);
                        } else if (!isOver()) {
                            backoff.reset();
                            watch(connection);
                            troubles.recovered(address + ": Sentinel answers again");
                            found.accept(servers);
                        }
                    }));
        }

        private void failed(int left, Tcp sentinel, Throwable failure) {
            if (isOver()) {
                return;
            }
            String reason = ConnectFailure.of(failure).reason();
            if (login.adaptsTo(reason)) {
                ask(left);
                return;
            }
            nextSentinel++;
            if (left > 1) {
                ask(left - 1);
            } else {
                notFound.accept(new IOException("Sentinel " + sentinel + ": " + reason));
            }
        }

        private boolean isOver() {
            return closed || number != searches;
        }
    }

    private void watch(StatefulRedisPubSubConnection<String, String> connection) {
        watching = connection;
        connection.addListener(new RedisPubSubAdapter<>() {
            @Override
            public void message(String channel, String message) {
                LettuceOnLoop.run(loop, () -> masterSwitched(connection, message));
            }
        });
        connection.addListener(new RedisConnectionStateListener() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> disconnected) {
                LettuceOnLoop.run(loop, () -> lost(connection));
            }
        });
        var unused = connection.async().subscribe(SWITCH_CHANNEL);
    }

    /** The message is {@code <master> <old host> <old port> <new host> <new port>}. */
    private void masterSwitched(StatefulRedisPubSubConnection<String, String> connection, String message) {
        List<String> words = List.of(message.split(" ", -1));
        if (watching != connection || words.size() != 5 || !words.get(0).equals(address.master())) {
            return;
        }
        Tcp before = SentinelQuestion.server(words.get(1), words.get(2));
        Tcp now = SentinelQuestion.server(words.get(3), words.get(4));
        // a Sentinel answers with the new master a little before it announces it: we may be connected to it already
        if (address.replica() ? now.equals(current) || before.equals(current) : !now.equals(current)) {
            moved();
        }
    }

    private void moved() {
        if (listener != null) {
            listener.moved();
        }
    }

    private void lost(StatefulRedisPubSubConnection<String, String> connection) {
        if (watching == connection) {
            disconnect();
            searchLater();
        }
    }

    private void searchLater() {
        int before = searches;
        var unused = loop.schedule(
                () -> {
                    if (!closed && before == searches) {
                        search(this::compare, this::stillLost);
                    }
                },
                backoff.nextMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** A failover may have happened while no Sentinel was connected. */
    private void compare(List<Tcp> servers) {
        if (!servers.contains(current)) {
            moved();
        }
    }

    private void stillLost(Throwable failure) {
        troubles.report(
                address + ": a failover would go unnoticed",
                ConnectFailure.of(failure).reason());
        searchLater();
    }

    private void disconnect() {
        StatefulRedisPubSubConnection<String, String> connection = watching;
        watching = null;
        if (connection != null) {
            var unused = connection.closeAsync();
        }
    }
}
