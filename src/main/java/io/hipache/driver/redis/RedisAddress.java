package io.hipache.driver.redis;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Where a Redis server is. */
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

    /** A unix socket of this machine. Needs epoll, and so Linux. */
    record UnixSocket(String path) implements RedisAddress {
        @Override
        public String toString() {
            return path;
        }
    }

    /**
     * The server that Sentinel names at the time of each attempt to connect.
     *
     * @param sentinels asked in turn until one answers, never empty
     * @param master the name of the master in Sentinel's configuration
     * @param replica whether to connect to a replica, if there is a healthy one
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
