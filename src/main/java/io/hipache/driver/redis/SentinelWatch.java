package io.hipache.driver.redis;

import io.hipache.driver.redis.RedisAddress.Sentinels;
import io.hipache.driver.redis.RedisAddress.Tcp;
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
 * Learns from Sentinel where a Redis is, and hears from it when that changes. One connection to one Sentinel is kept for
 * that; it comes back by itself, to another of them if need be. Confined to the event loop.
 */
final class SentinelWatch {

    private static final Logger LOG = LoggerFactory.getLogger(SentinelWatch.class);
    private static final String SWITCH_CHANNEL = "+switch-master";

    /** Receives what came of a question. */
    private record Answer(Consumer<List<Tcp>> servers, Consumer<Throwable> failure) {}

    private final EventLoop loop;
    private final RedisClient client;
    private final Sentinels address;
    private final Login login;
    private final Runnable onMoved;
    private final Random random = new Random();
    private final Backoff backoff = new Backoff(random);
    private final StateLog state = new StateLog(LOG, Duration.ZERO);
    private @Nullable StatefulRedisPubSubConnection<String, String> watching;
    private @Nullable Tcp current;
    private int turn;
    private int asked;
    private boolean closed;

    /** @param onMoved called when the server that was named last is not the right one any more */
    SentinelWatch(EventLoop loop, RedisClient client, RedisEndpoint endpoint, Sentinels address, Runnable onMoved) {
        this.loop = loop;
        this.client = client;
        this.address = address;
        this.login = Login.forSentinel(endpoint);
        this.onMoved = onMoved;
    }

    /** Asks anew, all Sentinels if need be; one of the two is called on the loop, unless this is closed meanwhile. */
    void locate(Consumer<Tcp> found, Consumer<Throwable> failed) {
        ask(new Answer(
                servers -> {
                    Tcp chosen = servers.get(random.nextInt(servers.size()));
                    current = chosen;
                    found.accept(chosen);
                },
                failed));
    }

    void close() {
        closed = true;
        drop();
    }

    private void ask(Answer answer) {
        drop();
        ask(answer, ++asked, address.sentinels().size());
    }

    private void ask(Answer answer, int question, int left) {
        Tcp sentinel = address.sentinels().get(turn % address.sentinels().size());
        var unused = client.connectPubSubAsync(StringCodec.UTF8, LettuceOnLoop.uri(sentinel, login, 0))
                .whenComplete((connection, failure) -> onLoop(() -> {
                    if (failure != null) {
                        failed(answer, question, left, sentinel, failure);
                    } else {
                        connected(answer, question, left, sentinel, connection);
                    }
                }));
    }

    private void connected(
            Answer answer,
            int question,
            int left,
            Tcp sentinel,
            StatefulRedisPubSubConnection<String, String> connection) {
        var unused = SentinelQuestion.ask(loop, connection, address)
                .whenComplete((servers, failure) -> onLoop(() -> {
                    if (failure != null || closed || question != asked) {
                        var unusedEnd = connection.closeAsync();
                    }
                    if (failure != null) {
                        failed(answer, question, left, sentinel, failure);
                    } else if (!closed && question == asked) {
                        backoff.reset();
                        watch(connection);
                        state.well(address + ": Sentinel answers again");
                        answer.servers.accept(servers);
                    }
                }));
    }

    private void failed(Answer answer, int question, int left, Tcp sentinel, Throwable failure) {
        if (closed || question != asked) {
            return;
        }
        String reason = Failures.reason(failure);
        if (login.adaptsTo(reason)) {
            ask(answer, question, left);
            return;
        }
        turn++;
        if (left > 1) {
            ask(answer, question, left - 1);
        } else {
            answer.failure.accept(new IOException("Sentinel " + sentinel + ": " + reason));
        }
    }

    private void watch(StatefulRedisPubSubConnection<String, String> connection) {
        watching = connection;
        connection.addListener(new RedisPubSubAdapter<>() {
            @Override
            public void message(String channel, String message) {
                onLoop(() -> switched(connection, message));
            }
        });
        connection.addListener(new RedisConnectionStateListener() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> disconnected) {
                onLoop(() -> lost(connection));
            }
        });
        var unused = connection.async().subscribe(SWITCH_CHANNEL);
    }

    /** The message is {@code <master> <old host> <old port> <new host> <new port>}. */
    private void switched(StatefulRedisPubSubConnection<String, String> connection, String message) {
        List<String> words = List.of(message.split(" ", -1));
        if (watching != connection || words.size() != 5 || !words.get(0).equals(address.master())) {
            return;
        }
        Tcp before = SentinelQuestion.server(words.get(1), words.get(2));
        Tcp now = SentinelQuestion.server(words.get(3), words.get(4));
        // a Sentinel names the new master a little before it announces it
        if (address.replica() ? now.equals(current) || before.equals(current) : !now.equals(current)) {
            onMoved.run();
        }
    }

    private void lost(StatefulRedisPubSubConnection<String, String> connection) {
        if (watching == connection) {
            drop();
            askLater();
        }
    }

    private void askLater() {
        int question = asked;
        var unused = loop.schedule(
                () -> {
                    if (!closed && question == asked) {
                        ask(new Answer(this::compare, this::stillLost));
                    }
                },
                backoff.nextMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** What was missed while nobody listened. */
    private void compare(List<Tcp> servers) {
        if (!servers.contains(current)) {
            onMoved.run();
        }
    }

    private void stillLost(Throwable failure) {
        state.trouble(address + ": a failover would go unnoticed", Failures.reason(failure));
        askLater();
    }

    private void drop() {
        StatefulRedisPubSubConnection<String, String> connection = watching;
        watching = null;
        if (connection != null) {
            var unused = connection.closeAsync();
        }
    }

    private void onLoop(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
        } else {
            loop.execute(task);
        }
    }
}
