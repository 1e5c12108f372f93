package io.hipache.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Passes bytes between clients and one server on this machine. It can lose the bytes of the connections that it has, which
 * stay open: as a firewall does that has forgotten them.
 */
public final class Forwarder implements AutoCloseable {

    private final ServerSocket listener;
    private final int server;
    private final List<Connection> connections = new CopyOnWriteArrayList<>();

    private Forwarder(ServerSocket listener, int server) {
        this.listener = listener;
        this.server = server;
    }

    /** Begins to forward to the server with this port. */
    public static Forwarder to(int server) {
        try {
            Forwarder forwarder = new Forwarder(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), server);
            daemon(forwarder::accept);
            return forwarder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** From now on nothing passes through the connections that there are. New ones work. */
    public void loseConnections() {
        connections.forEach(connection -> connection.lost = true);
    }

    private void accept() {
        try {
            while (!listener.isClosed()) {
                Connection connection =
                        new Connection(listener.accept(), new Socket(InetAddress.getLoopbackAddress(), server));
                connections.add(connection);
                daemon(() -> connection.pass(connection.client, connection.server));
                daemon(() -> connection.pass(connection.server, connection.client));
            }
        } catch (IOException e) {
            // the test has ended, or the server is away
        }
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "forwarder");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (Connection connection : connections) {
                connection.end();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Connection {
        private final Socket client;
        private final Socket server;
        private volatile boolean lost;

        Connection(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void pass(Socket from, Socket to) {
            byte[] bytes = new byte[8192];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int length = in.read(bytes); length >= 0; length = in.read(bytes)) {
                    if (!lost) {
                        out.write(bytes, 0, length);
                    }
                }
            } catch (IOException e) {
                // one of the two has gone
            }
            if (!lost) {
                end();
            }
        }

        void end() {
            try (client;
                    server) {
                // nothing is left to pass
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
