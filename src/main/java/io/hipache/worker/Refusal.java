package io.hipache.worker;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The answer to a client whose connection is refused. It is written straight to the socket, before the connection costs a
 * pipeline or a place on the event loop. Confined to the event loop.
 */
final class Refusal {
    private static final byte[] ANSWER =
            ("HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain\r\ncontent-length: 21\r\n"
                            + "retry-after: 1\r\nconnection: close\r\n\r\ntoo many connections\n")
                    .getBytes(StandardCharsets.US_ASCII);

    /** What a client may have sent already. Bytes that nobody has read make a reset of the connection's end. */
    private static final ByteBuffer REQUEST = ByteBuffer.allocateDirect(2048);

    private static final ByteBuffer BYTES =
            ByteBuffer.allocateDirect(ANSWER.length).put(ANSWER);

    private Refusal() {}

    /** Writes as much of the answer as the socket takes at once, which for a new connection is all of it. */
    static void write(Channel client) {
        if (client instanceof EpollSocketChannel epoll && epoll.fd() instanceof Socket socket) {
            try {
                socket.read(REQUEST, 0, REQUEST.capacity());
                socket.write(BYTES, 0, ANSWER.length);
                socket.shutdown(false, true);
            } catch (IOException e) {
                // the client has left already
                return;
            }
        }
    }
}
