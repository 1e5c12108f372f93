package io.hipache.config.address;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The address of the store in a {@link DriverUrl}. */
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
     * @param sentinels at least one, without TLS
     * @param master the name of the master that the Sentinels watch
     */
    record Sentinels(List<Server> sentinels, String master) implements DriverAddress {
        public Sentinels {
            sentinels = List.copyOf(sentinels);
        }
    }

    /**
     * How the server's certificate is checked.
     *
     * @param verify whether the server needs a certificate for its host
     * @param ca the PEM file of the trusted authorities, null for those that the Java runtime trusts
     */
    record Tls(boolean verify, @Nullable Path ca) {}
}
