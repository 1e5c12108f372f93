package io.hipache.testing;

import java.io.IOException;
import java.net.Socket;

/** How a client that speaks TLS ends its output. */
public enum OutputEnd {
    /** By close_notify. The TCP connection stays as it is. */
    GOODBYE,
    /** By FIN alone. */
    FIN,
    /** By close_notify and FIN, as one segment with what was written since {@link SocketUnderTls#gather}. */
    BOTH;

    void end(Socket tls, SocketUnderTls tcp) throws IOException {
        tcp.stayOpen();
        if (this != FIN) {
            tls.shutdownOutput();
        }
        tcp.sendGathered();
        tcp.finish(this);
    }
}
