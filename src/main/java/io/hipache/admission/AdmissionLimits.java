package io.hipache.admission;

/**
 * How much a worker takes in at a time.
 *
 * @param connections of clients
 * @param requests under way
 * @param streams of one HTTP/2 connection
 * @param waitingPerBackend requests that wait for a free socket of one backend
 * @param bodyBytes of request bodies that are kept
 * @param connectionsPerAddress of clients with one address
 * @param headBytes of request heads: those that are not complete, and those of the requests under way
 * @param http2Bytes of request bodies that one HTTP/2 connection may have under way
 * @param bodyRate the least bytes of a request body in a second, 0 for any
 * @param tunnelsPerBackend sockets of one backend that are tunnels or may become tunnels
 */
public record AdmissionLimits(
        int connections,
        int requests,
        int streams,
        int waitingPerBackend,
        long bodyBytes,
        int connectionsPerAddress,
        long headBytes,
        int http2Bytes,
        int bodyRate,
        int tunnelsPerBackend) {

    /** What an HTTP/2 connection may have under way where nothing else is said. */
    private static final int HTTP2_BYTES = 1 << 20;

    /** Everything may come in. */
    public static final AdmissionLimits NONE = new AdmissionLimits(
            Integer.MAX_VALUE,
            Integer.MAX_VALUE,
            Integer.MAX_VALUE,
            Integer.MAX_VALUE,
            Long.MAX_VALUE,
            Integer.MAX_VALUE,
            Long.MAX_VALUE,
            HTTP2_BYTES,
            0,
            Integer.MAX_VALUE);

    /** The first limits, and none of the others. */
    public AdmissionLimits(int connections, int requests, int streams, int waitingPerBackend, long bodyBytes) {
        this(
                connections,
                requests,
                streams,
                waitingPerBackend,
                bodyBytes,
                NONE.connectionsPerAddress,
                NONE.headBytes,
                NONE.http2Bytes,
                NONE.bodyRate,
                NONE.tunnelsPerBackend);
    }
}
