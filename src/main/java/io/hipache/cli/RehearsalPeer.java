package io.hipache.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A server on loopback with one thread per connection: the store or the backend of a worker in a {@link Rehearsal}. */
final class RehearsalPeer implements AutoCloseable {
    private final ServerSocket listening;
    private final Conversation conversation;

    /** Serves one connection until the other side closes it. */
    interface Conversation {
        void hold(BufferedReader in, OutputStream out) throws IOException;
    }

    private RehearsalPeer(ServerSocket listening, Conversation conversation) {
        this.listening = listening;
        this.conversation = conversation;
    }

    static RehearsalPeer start(Conversation conversation) throws IOException {
        RehearsalPeer peer = new RehearsalPeer(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), conversation);
        daemon(peer::acceptUntilClosed);
        return peer;
    }

    int port() {
        return listening.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }

    private void acceptUntilClosed() {
        try {
            while (true) {
                Socket socket = listening.accept();
                daemon(() -> converse(socket));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void converse(Socket socket) {
        try (socket) {
            conversation.hold(
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1)),
                    socket.getOutputStream());
        } catch (IOException e) {
            // the other side closed the connection
        }
    }

    /** Runs a task on a thread that does not keep the process alive. */
    static void daemon(Runnable task) {
        Thread thread = new Thread(task, "rehearsal");
        thread.setDaemon(true);
        thread.start();
    }
}
