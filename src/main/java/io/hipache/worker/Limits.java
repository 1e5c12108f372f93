package io.hipache.worker;

import io.hipache.admission.AdmissionLimits;
import io.hipache.config.HipacheConfig;

/** How much a worker takes in at a time, by its configuration. */
public final class Limits {
    private Limits() {}

    public static AdmissionLimits of(HipacheConfig.Server server) {
        AdmissionLimits none = AdmissionLimits.NONE;
        return new AdmissionLimits(
                none.connections(),
                none.requests(),
                none.streams(),
                server.maxWaiting(),
                none.bodyBytes(),
                tunnels(server.maxSockets(), server.maxTunnels()));
    }

    /** Without a single socket, no WebSocket could ever work. */
    private static int tunnels(int sockets, int percent) {
        return Math.max(1, (int) ((long) sockets * percent / 100));
    }
}
