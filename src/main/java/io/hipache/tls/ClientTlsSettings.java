package io.hipache.tls;

import java.util.List;

/**
 * What a listener speaks, whichever certificate it shows.
 *
 * @param suites cipher suites by their IANA names, the best first
 * @param serverOrder whether the first of ours wins, rather than the first of the client's
 * @param protocols what to offer by ALPN (RFC 7301), the best first
 */
public record ClientTlsSettings(List<String> suites, boolean serverOrder, List<String> protocols) {
    public ClientTlsSettings {
        suites = List.copyOf(suites);
        protocols = List.copyOf(protocols);
    }
}
