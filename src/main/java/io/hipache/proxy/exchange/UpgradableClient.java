package io.hipache.proxy.exchange;

import io.hipache.http.RequestHead;
import io.hipache.http.ResponseHead;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.upstream.UpgradedConnection;

/** A client whose whole connection can switch to another protocol (RFC 9110 §7.8). HTTP/2 has no such clients. */
public interface UpgradableClient extends Client {

    /**
     * Writes the head of the backend's {@code 101} and makes a tunnel of both connections. The exchange is over.
     *
     * @param soFar the end of the exchange as it would be if the tunnel ended at once; the tunnel reports the real one
     */
    void switchProtocols(
            RequestHead request,
            ResponseHead response,
            DebugHeaders debug,
            UpgradedConnection backend,
            ExchangeEnd soFar);
}
