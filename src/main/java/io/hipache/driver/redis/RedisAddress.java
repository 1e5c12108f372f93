package io.hipache.driver.redis;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Where a Redis server is found. */
public sealed interface RedisAddress {

    /**
     * A host and port.
     *
     * @param tls null for a connection in the clear
     */
    record Tcp(String host, int port, @Nullable RedisTls tls) implements RedisAddress {
        @Override
        public String toString() {
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /** A unix socket of this machine; for Linux only, as epoll is. */
    record UnixSocket(String path) implements RedisAddress {
        @Override
        public String toString() {
            return path;
        }
    }

    /**
     * Wherever the Sentinels say that it is now.
     *
     * @param sentinels asked in turn until one answers, never empty
     * @param master the name under which they watch the servers
     * @param replica whether a replica will do, if there is a healthy one
     */
    record Sentinels(List<Tcp> sentinels, String master, boolean replica) implements RedisAddress {
        public Sentinels {
            sentinels = List.copyOf(sentinels);
        }

        @Override
        public String toString() {
            String hosts = sentinels.stream().map(Tcp::toString).collect(Collectors.joining(","));
            return (replica ? "replica of " : "master ") + master + " of Sentinel " + hosts;
        }
    }
}
