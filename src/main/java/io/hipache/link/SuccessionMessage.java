package io.hipache.link;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * The messages between a running supervisor and its successor. The two may be of different versions. A later version may
 * add fields and messages, which earlier versions ignore. Every version has to understand version 1.
 *
 * <p>Another conversation on the same socket is that of {@code hipache reload} and {@code hipache upgrade}: it sends {@link
 * Reload} or {@link Upgrade}, and receives {@link Begun} at once and {@link Ended} in the end. A supervisor that does not know
 * it says nothing.
 *
 * <p>The successor sends {@link Hello} and receives an {@link Offer}. When its workers serve, it sends {@link Complete} and
 * receives {@link Retiring}. Before that, either side may end the upgrade with {@link CalledOff}.
 */
public sealed interface SuccessionMessage {
    /** The version of these messages. */
    int VERSION = 1;

    /**
     * From the successor: its first message.
     *
     * @param version the highest version that it understands
     * @param sets how many listening sockets it needs for each address and port, one for each worker
     * @param service whether it has a service manager
     */
    record Hello(int version, int sets, boolean service) implements SuccessionMessage {}

    /**
     * To the successor: every listening socket. The successor fetches them as a worker does.
     *
     * @param version the version that both sides use from now on
     * @param handoverAddress see {@link SocketHandover}
     * @param sockets in the order of their descriptors
     * @param ticketKeys as in {@link WorkerMessage.TicketKeys}
     * @param storeUsable whether the sender's workers can use their store; supervisors of before this field can
     */
    record Offer(
            int version,
            String handoverAddress,
            String token,
            List<Socket> sockets,
            ByteBuffer ticketKeys,
            boolean storeUsable)
            implements SuccessionMessage {

        /**
         * One listening socket.
         *
         * @param address the configured address
         * @param port the configured port
         * @param set its number among the sockets of this address and port
         * @param ipv4Too whether a socket for {@code ::} takes IPv4 as well
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

    /** From the successor: its workers accept from every socket. */
    record Complete() implements SuccessionMessage {}

    /** To the successor: it is in charge now. The sender's workers accept no more and finish their requests. */
    record Retiring() implements SuccessionMessage {}

    /** To either side: the log files have been renamed. */
    record Reopen() implements SuccessionMessage {}

    /** To the retiring supervisor: the whole program should stop, see {@link WorkerMessage.Stop}. */
    record Stop() implements SuccessionMessage {}

    /** To the running supervisor: read the configuration again. */
    record Reload() implements SuccessionMessage {}

    /** To the running supervisor: start the version that is installed now, which takes over. */
    record Upgrade() implements SuccessionMessage {}

    /** From the running supervisor: the request has arrived. */
    record Begun() implements SuccessionMessage {}

    /**
     * From the running supervisor: what became of the request.
     *
     * @param complete whether everything follows the configuration that was read, or the new program serves
     * @param lines what the log says about it
     */
    record Ended(boolean complete, List<String> lines) implements SuccessionMessage {

        public Ended {
            lines = List.copyOf(lines);
        }
    }

    /** From either side: there is no upgrade, and the running supervisor continues. The reason is one line. */
    record CalledOff(String reason) implements SuccessionMessage {}
}
