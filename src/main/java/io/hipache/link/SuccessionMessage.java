package io.hipache.link;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * What a running supervisor and the one that follows it say to each other. They may be of different versions: a later one
 * may add fields and messages, which those before ignore, and has to understand what version 1 is.
 *
 * <p>The successor says {@link Hello} and is given an {@link Offer}; it serves, says {@link Complete} and hears
 * {@link Retiring}. Either side may end it before that by {@link CalledOff}.
 */
public sealed interface SuccessionMessage {
    /** Of what is said here. */
    int VERSION = 1;

    /**
     * From the successor, first of all.
     *
     * @param version the highest that it understands
     * @param sets how many listening sockets it needs for each address and port, one for each worker
     * @param service whether a service manager is to hear from it
     */
    record Hello(int version, int sets, boolean service) implements SuccessionMessage {}

    /**
     * To the successor: every listening socket, to be fetched like a worker's.
     *
     * @param version that is spoken from now on
     * @param handoverAddress see {@link SocketHandover}
     * @param sockets in the order of their descriptors
     * @param ticketKeys as in {@link WorkerMessage.TicketKeys}
     */
    record Offer(int version, String handoverAddress, String token, List<Socket> sockets, ByteBuffer ticketKeys)
            implements SuccessionMessage {

        /**
         * One listening socket.
         *
         * @param address as it is configured
         * @param port as it is configured
         * @param set its number among those that share address and port
         * @param ipv4Too whether one for {@code ::} takes IPv4 as well
         */
        public record Socket(String address, int port, int set, boolean ipv4Too) {}

        public Offer {
            sockets = List.copyOf(sockets);
        }

        /** Without token and keys, so that a log line may show it. */
        @Override
        public String toString() {
            return "Offer" + sockets;
        }
    }

    /** From the successor: its own workers accept from every socket. */
    record Complete() implements SuccessionMessage {}

    /** To the successor: it is the one from now on; this one's workers accept no more and finish what they do. */
    record Retiring() implements SuccessionMessage {}

    /** To the one that retires: the log files have been renamed. */
    record Reopen() implements SuccessionMessage {}

    /** To the one that retires: the whole program is to stop, see {@link WorkerMessage.Stop}. */
    record Stop() implements SuccessionMessage {}

    /** Everything stays as it was, and why, in one line. */
    record CalledOff(String reason) implements SuccessionMessage {}
}
