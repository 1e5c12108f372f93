package io.hipache.config.address;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where the store of a {@link DriverUrl} is found. */
public sealed interface DriverAddress {

    /**
     * {@code redis://host:port}, or {@code rediss://host:port} where there is TLS.
     *
     * @param tls null for none
     */
    record Server(String host, int port, @Nullable Tls tls) implements DriverAddress {}

    /** {@code redis-socket:///path}, the unix socket of a Redis on this machine. */
    record UnixSocket(Path path) implements DriverAddress {}

    /**
     * {@code redis-sentinel://host:port,host:port?master=name}.
     *
     * @param sentinels never empty, none with TLS
     * @param master the name under which they watch the servers
     */
    record Sentinels(List<Server> sentinels, String master) implements DriverAddress {
        public Sentinels {
            sentinels = List.copyOf(sentinels);
        }
    }

    /**
     * How a server proves who it is.
     *
     * @param verify whether it has to, by a certificate for its host
     * @param ca the PEM file of the authorities to trust, null for those that the Java runtime trusts
     */
    record Tls(boolean verify, @Nullable Path ca) {}
}
