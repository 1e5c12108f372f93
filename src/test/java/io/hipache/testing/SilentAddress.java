package io.hipache.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/** An address of this machine that answers no connection, as a machine without power: the queue of its listening socket is full. */
public final class SilentAddress implements AutoCloseable {
    private static final int MOST = 100;
    private static final int PATIENCE_MILLIS = 200;

    private final ServerSocket listening;
    private final List<Socket> queue = new ArrayList<>();

    /** @param host of loopback, such as {@code 127.0.0.2} */
    public SilentAddress(String host) {
        try {
            listening = new ServerSocket(0, 1, InetAddress.getByName(host));
            boolean full = false;
            while (!full && queue.size() < MOST) {
                Socket waiting = new Socket();
                queue.add(waiting);
                full = !connects(waiting);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean connects(Socket socket) throws IOException {
        try {
            socket.connect(listening.getLocalSocketAddress(), PATIENCE_MILLIS);
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    /** As an entry of a frontend. */
    public String url() {
        InetSocketAddress address = (InetSocketAddress) listening.getLocalSocketAddress();
        return "http://" + address.getHostString() + ":" + address.getPort();
    }

    @Override
    public void close() {
        refuse();
    }

    /** From now on connections are refused. */
    public void refuse() {
        try {
            for (Socket waiting : queue) {
                waiting.close();
            }
            listening.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
