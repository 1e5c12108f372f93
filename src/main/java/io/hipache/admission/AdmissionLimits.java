package io.hipache.admission;

/**
 * How much a worker takes in at a time.
 *
 * @param connections of clients
 * @param requests under way
 * @param streams of one HTTP/2 connection
 * @param waitingPerBackend requests that wait for a free socket of one backend
 * @param bodyBytes of request bodies that are kept
 * @param tunnelsPerBackend sockets of one backend that are tunnels or may become tunnels
 */
public record AdmissionLimits(
        int connections, int requests, int streams, int waitingPerBackend, long bodyBytes, int tunnelsPerBackend) {

    /** Everything may come in. */
    public static final AdmissionLimits NONE = new AdmissionLimits(
            Integer.MAX_VALUE,
            Integer.MAX_VALUE,
            Integer.MAX_VALUE,
            Integer.MAX_VALUE,
            Long.MAX_VALUE,
            Integer.MAX_VALUE);
}
