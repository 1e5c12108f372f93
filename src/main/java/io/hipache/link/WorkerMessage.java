package io.hipache.link;

import java.nio.ByteBuffer;

/**
 * One frame between the supervisor and a worker: the worker's standard input carries {@link Start}, {@link Retire} and
 * {@link Stop}, its standard output everything else.
 */
public sealed interface WorkerMessage {

    /**
     * To the worker, first of all: what it is. Passwords travel here and never on a command line.
     *
     * @param config the whole configuration, as JSON
     * @param slot index of the worker, from 0; a replacement has the slot of the one it replaces
     * @param handoverAddress where to fetch the listening sockets, see {@link SocketHandover}
     * @param token what to show there
     */
    record Start(String config, int slot, String handoverAddress, String token) implements WorkerMessage {

        /** Without the configuration and the token, so that a log line may show it. */
        @Override
        public String toString() {
            return "Start[slot=" + slot + "]";
        }
    }

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

    /** From the worker: it accepts connections. */
    record Ready() implements WorkerMessage {}

    /** From the worker: it cannot start, and why, in one line. It ends after this. */
    record Failed(String reason) implements WorkerMessage {}

    /** From the worker: it wants to be replaced, and why, in one line. It goes on serving until it hears {@link Retire}. */
    record ReplaceMe(String reason) implements WorkerMessage {}

    /** From the worker: whole lines of the access log, each with its line feed. */
    record AccessLog(ByteBuffer lines) implements WorkerMessage {}
}
