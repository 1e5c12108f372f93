package io.hipache.driver.sentinel;

import io.hipache.driver.redis.RedisAddress.Sentinels;
import io.hipache.driver.redis.RedisAddress.Tcp;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.ArrayOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Asks one Sentinel for the master, or for the replicas that may be read from. Confined to the event loop. */
public final class SentinelQuestion {

    private static final long TIMEOUT_MILLIS = 2_000;

    /** Flags of a replica that must not be read from. */
    private static final Set<String> UNHEALTHY = Set.of("s_down", "o_down", "disconnected");

    private final StatefulRedisPubSubConnection<String, String> connection;
    private final Sentinels sentinels;

    private SentinelQuestion(StatefulRedisPubSubConnection<String, String> connection, Sentinels sentinels) {
        this.connection = connection;
        this.sentinels = sentinels;
    }

    /** Gives at least one server, or a failure. Closes the connection when Sentinel does not answer in time. */
    public static CompletionStage<List<Tcp>> ask(
            EventLoop loop, StatefulRedisPubSubConnection<String, String> connection, Sentinels sentinels) {
        SentinelQuestion question = new SentinelQuestion(connection, sentinels);
        Future<?> timeout = loop.schedule(() -> connection.closeAsync(), TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
        return (sentinels.replica() ? question.replicas() : question.master())
                .whenComplete((servers, failure) -> timeout.cancel(false));
    }

    private CompletionStage<List<Tcp>> master() {
        return send("get-master-addr-by-name").thenCompose(reply -> {
            if (reply.size() != 2) {
                return CompletableFuture.failedFuture(new IOException("knows no master " + sentinels.master()));
            }
            return CompletableFuture.completedFuture(List.of(server(reply.get(0), reply.get(1))));
        });
    }

    /** The healthy replicas; the master when there is none, or when this Sentinel is too old to know the command. */
    private CompletionStage<List<Tcp>> replicas() {
        return send("replicas")
                .handle((reply, failure) -> failure == null ? healthy(reply) : List.<Tcp>of())
                .thenCompose(healthy -> healthy.isEmpty() ? master() : CompletableFuture.completedFuture(healthy));
    }

    private CompletionStage<List<Object>> send(String subcommand) {
        CommandArgs<String, String> arguments =
                new CommandArgs<>(StringCodec.UTF8).add(subcommand).add(sentinels.master());
        return connection.async().dispatch(CommandType.SENTINEL, new ArrayOutput<>(StringCodec.UTF8), arguments);
    }

    private List<Tcp> healthy(List<Object> replicas) {
        List<Tcp> healthy = new ArrayList<>();
        for (Object replica : replicas) {
            Map<String, String> fields = new HashMap<>();
            List<?> pairs = replica instanceof List<?> list ? list : List.of();
            for (int i = 0; i + 1 < pairs.size(); i += 2) {
                fields.put(String.valueOf(pairs.get(i)), String.valueOf(pairs.get(i + 1)));
            }
            List<String> flags = List.of(fields.getOrDefault("flags", "").split(","));
            if (flags.stream().noneMatch(UNHEALTHY::contains) && "ok".equals(fields.get("master-link-status"))) {
                healthy.add(server(fields.getOrDefault("ip", ""), fields.getOrDefault("port", "")));
            }
        }
        return healthy;
    }

    static Tcp server(Object host, Object port) {
        return new Tcp(String.valueOf(host), Integer.parseInt(String.valueOf(port)), null);
    }
}
