package io.hipache.syslog;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A socket that sends datagrams to one receiver. Confined to one thread, once it is open. */
interface DatagramSocket {

    /**
     * Sends one datagram. May wait for a second.
     *
     * @param datagram a direct buffer, whose remaining bytes are sent
     * @throws IOException with a message for the administrator; the datagram is lost
     */
    void send(ByteBuffer datagram) throws IOException;

    void close() throws IOException;
}
