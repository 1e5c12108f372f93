package io.hipache.worker;

import io.hipache.admission.AdmissionLimits;
import io.hipache.config.HipacheConfig;
import io.hipache.net.CidrList;
import io.netty.channel.ChannelHandler;
import java.util.List;

/**
 * One configuration, with everything that the worker has built for it. The worker has one reference to the one in force.
 * Immutable.
 *
 * @param listeners in the order of the configuration, which an {@link io.hipache.link.WorkerMessage.Adopt} counts in
 * @param exempt the addresses from which any number of connections may come
 */
record WorkerConfig(
        HipacheConfig config,
        ClientPipelines.Served served,
        List<Behind> listeners,
        AdmissionLimits limits,
        CidrList exempt) {

    /**
     * What is behind one listener.
     *
     * @param clientPipeline equips each accepted connection
     * @param plainIpv4 whether IPv4 addresses of clients are written without {@code ::ffff:}
     */
    record Behind(HipacheConfig.Listener listener, ChannelHandler clientPipeline, boolean plainIpv4) {

        /** Whether clients speak HTTP without TLS. */
        boolean isPlain() {
            return listener.tls() == null;
        }

        /** Whether both have the same sockets. */
        boolean isAt(HipacheConfig.Listener other) {
            return listener.address().equals(other.address()) && listener.port() == other.port();
        }
    }

    static WorkerConfig of(HipacheConfig config, ClientPipelines.Served served) {
        return new WorkerConfig(
                config,
                served,
                config.listeners().stream()
                        .map(listener -> new Behind(
                                listener,
                                served.pipeline(listener),
                                config.server().plainIpv4()))
                        .toList(),
                WorkerLimits.of(config.server()),
                ServerSettings.trusted(config.server()));
    }
}
