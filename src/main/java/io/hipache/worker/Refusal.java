package io.hipache.worker;

import io.hipache.net.CidrList;
import io.hipache.outcome.EndReason;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.proxy.exchange.ClientIdentity;
import io.hipache.proxy.exchange.UnreadableRequest;
import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.Socket;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;

/**
 * The answer to a client whose connection is refused. The answer is written straight to the socket, before the connection costs a
 * pipeline or a place on the event loop. The request is not looked at. Confined to the event loop.
 */
final class Refusal {
    private static final int STATUS = 503;

    private static final String BODY = "too many connections\n";

    private static final byte[] ANSWER =
            ("HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain\r\ncontent-length: " + BODY.length()
                            + "\r\nretry-after: 1\r\nconnection: close\r\n\r\n" + BODY)
                    .getBytes(StandardCharsets.US_ASCII);

    /** What a client may have sent already. Bytes that nobody has read make a reset of the connection's end. */
    private static final ByteBuffer REQUEST = ByteBuffer.allocateDirect(2048);

    private static final ByteBuffer BYTES =
            ByteBuffer.allocateDirect(ANSWER.length).put(ANSWER);

    private static final CidrList NOBODY = CidrList.parse(List.of());

    private final Consumer<ExchangeEnd> ends;

    /** @param ends is told of each refusal */
    Refusal(Consumer<ExchangeEnd> ends) {
        this.ends = ends;
    }

    /** Answers a client of plain HTTP. A client of TLS would not understand the answer, and gets none. */
    void answer(Channel client, WorkerConfig.Behind behind) {
        long bytes = behind.isPlain() ? write(client) : 0;
        if (client.localAddress() instanceof InetSocketAddress local) {
            String listener = NetUtil.toSocketAddressString(local);
            ClientIdentity who = ClientIdentity.ofTcp(client, listener, false, behind.plainIpv4(), NOBODY);
            ends.accept(UnreadableRequest.end(
                    who,
                    "",
                    bytes > 0 ? STATUS : 0,
                    EndReason.LIMIT_CONNECTIONS,
                    bytes,
                    Math.max(0, bytes - (ANSWER.length - BODY.length()))));
        }
    }

    /**
     * Writes as much of the answer as the socket takes at once, which for a new connection is all of it.
     *
     * @return how many bytes were written
     */
    private static long write(Channel client) {
        if (client instanceof EpollSocketChannel epoll && epoll.fd() instanceof Socket socket) {
            try {
                socket.read(REQUEST, 0, REQUEST.capacity());
                long written = socket.write(BYTES, 0, ANSWER.length);
                socket.shutdown(false, true);
                return written;
            } catch (IOException e) {
                // the client has left already
                return 0;
            }
        }
        return 0;
    }
}
