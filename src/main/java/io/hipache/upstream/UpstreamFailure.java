package io.hipache.upstream;

import io.hipache.outcome.EndReason;

/** Why an attempt on a backend failed. The retry policy says what follows from it. */
public sealed interface UpstreamFailure {

    /** For the log line: what happened, in a few words. */
    String cause();

    /** The word for it in the vocabulary of reasons. */
    EndReason reason();

    /**
     * No connection came about, so nothing was sent: refused, timed out, unreachable, name unknown.
     *
     * @param mayBeBusy whether the backend gave no answer to the attempt to connect, but is known to be alive. Then the queue
     *     of its listening socket may be full, and one client can fill that queue
     * @param answersOthers whether it has answered other requests of this worker meanwhile as well
     */
    record NotConnected(EndReason reason, String cause, boolean mayBeBusy, boolean answersOthers)
            implements UpstreamFailure {

        /** For a backend of which nothing else is known. */
        public NotConnected(EndReason reason, String cause) {
            this(reason, cause, false, false);
        }

        /** The same for a backend that shows life: without an answer, its queue may be full. A refused connection has no queue. */
        NotConnected ofLiving(boolean answersOthers) {
            boolean unanswered = reason == EndReason.CONNECT_TIMED_OUT || reason == EndReason.BACKEND_TLS_FAILED;
            return unanswered ? new NotConnected(reason, cause, true, answersOthers) : this;
        }
    }

    /** This machine could not open another socket. */
    record NoSocketLeft(String cause) implements UpstreamFailure {
        @Override
        public EndReason reason() {
            return EndReason.NO_SOCKET_LEFT;
        }
    }

    /** The worker itself failed while it read from the backend or wrote to it. */
    record WorkerFailed(String cause) implements UpstreamFailure {
        @Override
        public EndReason reason() {
            return EndReason.WORKER_FAILED;
        }
    }

    /** This worker or its kernel has no memory left: to connect, to send the request, or to read the answer. */
    record NoMemory(String cause) implements UpstreamFailure {
        @Override
        public EndReason reason() {
            return EndReason.LIMIT_MEMORY;
        }
    }

    /** This machine has too many other names to look up, so nothing was sent. */
    record NotLookedUp(String cause) implements UpstreamFailure {
        @Override
        public EndReason reason() {
            return EndReason.RESOLVER_BUSY;
        }
    }

    /** Every socket that this backend may have is in use, so nothing was sent. The client is told the cause, too. */
    record NoFreeSocket(String cause) implements UpstreamFailure {

        private static String sockets(int most) {
            return most == 1 ? "the only socket to the backend" : "all " + most + " sockets to the backend";
        }

        /** No socket became free while the request waited. */
        static NoFreeSocket inTime(int maxSockets) {
            return new NoFreeSocket(sockets(maxSockets) + " stayed in use (server.maxSockets)");
        }

        /** As many requests wait as may wait. */
        static NoFreeSocket forWaiting(int maxSockets) {
            return new NoFreeSocket(sockets(maxSockets) + (maxSockets == 1 ? " is" : " are")
                    + " in use (server.maxSockets), and no more requests may" + " wait for one (server.maxWaiting)");
        }

        /** Tunnels have as many sockets as they may have. */
        static NoFreeSocket forTunnel(int maxSockets) {
            return new NoFreeSocket("WebSockets use their whole share (server.maxTunnels) of " + sockets(maxSockets)
                    + " (server.maxSockets)");
        }

        @Override
        public EndReason reason() {
            return EndReason.SOCKETS_FULL;
        }
    }

    /**
     * A connection that had been idle or had served before died before a byte of the response. The backend may just have
     * closed it.
     *
     * @param sent whether a byte of the request may have reached the backend
     */
    record StaleConnection(String cause, boolean sent) implements UpstreamFailure {
        @Override
        public EndReason reason() {
            return EndReason.BACKEND_DROPPED;
        }
    }

    /** A new connection died before a byte of the response. */
    record NoResponse(String cause) implements UpstreamFailure {
        @Override
        public EndReason reason() {
            return EndReason.BACKEND_DROPPED;
        }
    }

    /**
     * Not a byte of the response in time.
     *
     * @param answersOthers whether the backend has answered other requests of this worker meanwhile
     */
    record TimedOut(boolean answersOthers) implements UpstreamFailure {
        @Override
        public String cause() {
            return "timed out";
        }

        @Override
        public EndReason reason() {
            return EndReason.BACKEND_SILENT;
        }
    }

    /** What came instead of a response head cannot be one, or broke off within it. */
    record NotHttp(String cause) implements UpstreamFailure {
        @Override
        public EndReason reason() {
            return EndReason.INVALID_RESPONSE;
        }
    }

    /** The response broke off behind its head. */
    record BrokenResponse(String cause) implements UpstreamFailure {
        @Override
        public EndReason reason() {
            return EndReason.RESPONSE_BROKEN;
        }
    }
}
