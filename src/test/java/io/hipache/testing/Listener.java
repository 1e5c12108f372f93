package io.hipache.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.Queue;

/** A listening socket and the daemon thread that accepts on it. */
final class Listener {

    /** Handles an accepted connection. */
    interface Acceptor {
        void accept(Socket socket) throws IOException;
    }

    private final ServerSocket socket;
    private final Acceptor acceptor;
    private final Queue<Throwable> failures;
    private final Thread thread;

    private Listener(ServerSocket socket, Acceptor acceptor, Queue<Throwable> failures) {
        this.socket = socket;
        this.acceptor = acceptor;
        this.failures = failures;
        this.thread = new Thread(this::acceptAll, "backend listener");
        thread.setDaemon(true);
    }

    static Listener start(InetSocketAddress address, Acceptor acceptor, Queue<Throwable> failures) {
        try {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(address, 1024);
            Listener listener = new Listener(socket, acceptor, failures);
            listener.thread.start();
            return listener;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    InetSocketAddress address() {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    boolean isClosed() {
        return socket.isClosed();
    }

    /** Stops listening. After the return, connections are refused and no connection is accepted. */
    void close() {
        try {
            socket.close();
            // the kernel keeps listening while the thread is in accept(), so wait for the thread too
            thread.join(Patience.LIMIT.toMillis());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void acceptAll() {
        while (!socket.isClosed()) {
            try {
                acceptor.accept(socket.accept());
            } catch (IOException e) {
                // a SocketException means that this listener was closed, or that a client left at once
                if (!(e instanceof SocketException)) {
                    failures.add(e);
                }
            }
        }
    }
}
