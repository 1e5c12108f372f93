package io.hipache.upstream;

/** Why an attempt on a backend failed; what follows from it is the retry policy's to say. */
public sealed interface UpstreamFailure {

    /** For the log line: what happened, in a few words. */
    String cause();

    /** No connection came about, so nothing was sent: refused, timed out, unreachable, name unknown. */
    record NotConnected(String cause) implements UpstreamFailure {}

    /** This machine could not open another socket. */
    record NoSocketLeft(String cause) implements UpstreamFailure {}

    /** This machine has too many other names to look up, so nothing was sent. */
    record NotLookedUp(String cause) implements UpstreamFailure {}

    /** Every socket that this backend may have stayed busy for too long. */
    record NoFreeSocket() implements UpstreamFailure {
        @Override
        public String cause() {
            return "no free socket";
        }
    }

    /**
     * A connection that had been idle or had served before died before a byte of the response: the backend may just have
     * closed it.
     *
     * @param sent whether a byte of the request may have reached the backend
     */
    record StaleConnection(String cause, boolean sent) implements UpstreamFailure {}

    /** A new connection died before a byte of the response. */
    record NoResponse(String cause) implements UpstreamFailure {}

    /** Not a byte of the response in time. */
    record TimedOut() implements UpstreamFailure {
        @Override
        public String cause() {
            return "timed out";
        }
    }

    /** What came instead of a response head cannot be one, or broke off within it. */
    record NotHttp(String cause) implements UpstreamFailure {}

    /** The response broke off behind its head. */
    record BrokenResponse(String cause) implements UpstreamFailure {}
}
