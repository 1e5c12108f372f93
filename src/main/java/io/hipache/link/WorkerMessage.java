package io.hipache.link;

import io.hipache.snapshot.Entry;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * One message between the supervisor and a worker. Messages to the worker go through its standard input, messages from the
 * worker through its standard output.
 */
public sealed interface WorkerMessage {

    /**
     * To the worker: its first message, with its configuration. Passwords travel here and never on a command line.
     *
     * @param config the whole configuration, as JSON
     * @param slot index of the worker's slot, from 0; a replacement has the slot of the worker that it replaces
     * @param handoverAddress where to fetch listening sockets, see {@link SocketHandover}
     * @param served whether other workers serve meanwhile, so that this one may take longer to be {@link Ready}
     */
    record Start(String config, int slot, String handoverAddress, boolean served) implements WorkerMessage {

        /** Without the configuration, so that a log line may show it. */
        @Override
        public String toString() {
            return "Start[slot=" + slot + "]";
        }
    }

    /**
     * To the worker: fetch these listening sockets and accept from them, in addition to those that it has.
     *
     * @param token what to send to the handover address
     */
    record Adopt(String token, List<Socket> sockets) implements WorkerMessage {

        /**
         * One listening socket.
         *
         * @param id the supervisor's number for the socket
         * @param listener index of its listener in the worker's configuration
         */
        public record Socket(int id, int listener) {}

        public Adopt {
            sockets = List.copyOf(sockets);
        }

        /** Without the token, so that a log line may show it. */
        @Override
        public String toString() {
            return "Adopt" + sockets;
        }
    }

    /** To the worker: stop accepting from these sockets, because another worker accepts from them. */
    record Release(List<Integer> ids) implements WorkerMessage {

        public Release {
            ids = List.copyOf(ids);
        }
    }

    /** To the worker: have the event loop answer with a {@link Pong} of the same number. */
    record Ping(int number) implements WorkerMessage {}

    /** To the worker: another worker has its place. Accept no more, finish all requests within the graceful wait, then end. */
    record Retire() implements WorkerMessage {}

    /**
     * To the worker: the keys of session tickets, the same for all workers. Sent right after {@link Start} when there is a
     * TLS listener, and whenever the keys change.
     *
     * @param keys 48 bytes each; the first one encrypts, all of them decrypt
     */
    record TicketKeys(ByteBuffer keys) implements WorkerMessage {

        /** Without the keys, so that a log line may show it. */
        @Override
        public String toString() {
            return "TicketKeys";
        }
    }

    /** To the worker: accept no more, finish all requests within the stop timeout, then end. */
    record Stop() implements WorkerMessage {}

    /**
     * To the worker: build everything that this configuration needs, beside what serves. The answer is {@link Prepared} or
     * {@link Refused}. At most one configuration is prepared at a time: a later one takes the place of an earlier one.
     *
     * @param number of the configuration, given by the supervisor
     * @param config the whole configuration, as JSON
     */
    record Prepare(int number, String config) implements WorkerMessage {

        /** Without the configuration, so that a log line may show it. */
        @Override
        public String toString() {
            return "Prepare[number=" + number + "]";
        }
    }

    /** To the worker: follow the configuration that it has prepared under this number. The answer is {@link Switched}. */
    record Switch(int number) implements WorkerMessage {}

    /** To the worker: forget the configuration that it has prepared, or is preparing, under this number. */
    record Discard(int number) implements WorkerMessage {}

    /**
     * From the worker: it can {@link Adopt} sockets, and is warmed up for its first request.
     *
     * @param storeProblem why the worker has not logged in to every endpoint of the store and read once, in one line; empty
     *     when it has
     */
    record Ready(String storeProblem) implements WorkerMessage {

        /** The worker has reached its store. */
        public Ready() {
            this("");
        }
    }

    /**
     * From the worker: it can {@link Switch} to the configuration of this number at once.
     *
     * @param storeProblem why another store of this configuration cannot be used, where the present one cannot be used either, in
     *     one line; else empty
     */
    record Prepared(int number, String storeProblem) implements WorkerMessage {}

    /** From the worker: it cannot use the configuration of this number, and serves as before. The reason is one line. */
    record Refused(int number, String reason) implements WorkerMessage {}

    /** From the worker: each request whose head arrives from now on follows the configuration of this number. */
    record Switched(int number) implements WorkerMessage {}

    /** From the worker: it cannot start, and ends. The reason is one line. */
    record Failed(String reason) implements WorkerMessage {}

    /** From the worker: it now accepts from these sockets, see {@link Adopt}. */
    record Adopted(List<Integer> ids) implements WorkerMessage {

        public Adopted {
            ids = List.copyOf(ids);
        }
    }

    /**
     * From the worker: its event loop runs.
     *
     * @param storeUsable whether every endpoint of the store is connected and logged in to
     */
    record Pong(int number, boolean storeUsable) implements WorkerMessage {

        /** The store can be used. */
        public Pong(int number) {
            this(number, true);
        }
    }

    /** From the worker: it asks to be replaced, and serves until it receives {@link Retire}. The reason is one line. */
    record ReplaceMe(String reason) implements WorkerMessage {}

    /**
     * A backend has died, and Redis is away. From the worker that has noticed, then to each other worker.
     *
     * @param deadHost the host in whose dead set the backend belongs
     * @param entry of the backend in its list
     */
    record BackendDied(String deadHost, String entry) implements WorkerMessage {}

    /** From the worker: whole lines of the access log, each with its line feed. */
    record AccessLog(ByteBuffer lines) implements WorkerMessage {}

    /** From the worker, once a second where there is an admin listener: what it has counted since the last report. */
    record Figures(ByteBuffer report) implements WorkerMessage {

        @Override
        public String toString() {
            return "Figures[" + report.remaining() + "]";
        }
    }

    /**
     * From the worker: what it has learned of its store. To the worker: what others have learned of it, sent right after
     * {@link Start} and {@link TicketKeys} when there is a snapshot. Without entries: there are no more.
     *
     * @param store the name of the store
     */
    record Known(String store, List<Entry> entries) implements WorkerMessage {

        public Known {
            entries = List.copyOf(entries);
        }

        /** Without the entries, which may be private keys. */
        @Override
        public String toString() {
            return "Known[" + entries.size() + "]";
        }
    }
}
