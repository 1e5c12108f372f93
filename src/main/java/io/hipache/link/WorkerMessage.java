package io.hipache.link;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * One frame between the supervisor and a worker: the worker's standard input carries what is said to it, its standard
 * output what it says.
 */
public sealed interface WorkerMessage {

    /**
     * To the worker, first of all: what it is. Passwords travel here and never on a command line.
     *
     * @param config the whole configuration, as JSON
     * @param slot index of the worker, from 0; a replacement has the slot of the one it replaces
     * @param handoverAddress where to fetch listening sockets, see {@link SocketHandover}
     */
    record Start(String config, int slot, String handoverAddress) implements WorkerMessage {

        /** Without the configuration, so that a log line may show it. */
        @Override
        public String toString() {
            return "Start[slot=" + slot + "]";
        }
    }

    /**
     * To the worker: fetch these listening sockets and accept from them, besides those it has.
     *
     * @param token what to show at the handover address
     */
    record Adopt(String token, List<Socket> sockets) implements WorkerMessage {

        /**
         * One listening socket.
         *
         * @param id the supervisor's number for it
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

    /** To the worker: accept no more from these sockets, another worker does. */
    record Release(List<Integer> ids) implements WorkerMessage {

        public Release {
            ids = List.copyOf(ids);
        }
    }

    /** To the worker: have the event loop answer with a {@link Pong} of the same number. */
    record Ping(int number) implements WorkerMessage {}

    /** To the worker: another one has its place. Accept nothing more, finish what is in flight within the graceful wait, end. */
    record Retire() implements WorkerMessage {}

    /**
     * To the worker, right after {@link Start} when there is a TLS listener, and whenever they change: the keys of session
     * tickets, the same for all workers.
     *
     * @param keys of 48 bytes each: the first encrypts, all of them decrypt
     */
    record TicketKeys(ByteBuffer keys) implements WorkerMessage {

        /** Without the keys, so that a log line may show it. */
        @Override
        public String toString() {
            return "TicketKeys";
        }
    }

    /** To the worker: accept nothing more, finish what is in flight within the stop timeout, end. */
    record Stop() implements WorkerMessage {}

    /** From the worker: it can {@link Adopt} sockets, and will be quick from the first request on. */
    record Ready() implements WorkerMessage {}

    /** From the worker: it cannot start, and why, in one line. It ends after this. */
    record Failed(String reason) implements WorkerMessage {}

    /** From the worker: it accepts from these sockets, see {@link Adopt}. */
    record Adopted(List<Integer> ids) implements WorkerMessage {

        public Adopted {
            ids = List.copyOf(ids);
        }
    }

    /** From the worker: its event loop turns. */
    record Pong(int number) implements WorkerMessage {}

    /** From the worker: it wants to be replaced, and why, in one line. It goes on serving until it hears {@link Retire}. */
    record ReplaceMe(String reason) implements WorkerMessage {}

    /** From the worker: whole lines of the access log, each with its line feed. */
    record AccessLog(ByteBuffer lines) implements WorkerMessage {}
}
