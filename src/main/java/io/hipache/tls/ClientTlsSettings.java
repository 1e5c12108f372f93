package io.hipache.tls;

import java.util.List;

/**
 * The TLS settings of a listener, for all of its certificates. Immutable.
 *
 * @param suites cipher suites by their IANA names, the best first
 * @param serverOrder whether our order of suites decides, instead of the client's
 * @param protocols the protocols to offer by ALPN (RFC 7301), the best first; empty for no ALPN
 */
public record ClientTlsSettings(List<String> suites, boolean serverOrder, List<String> protocols) {
    public ClientTlsSettings {
        suites = List.copyOf(suites);
        protocols = List.copyOf(protocols);
    }
}
