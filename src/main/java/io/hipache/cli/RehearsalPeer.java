package io.hipache.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Listens on loopback and speaks with each who connects on a thread of its own; a peer of a worker in a {@link Rehearsal}. */
final class RehearsalPeer implements AutoCloseable {
    private final ServerSocket listening;
    private final Conversation conversation;

    /** Speaks with one who has connected, until he leaves. */
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
            // he left
        }
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "rehearsal");
        thread.setDaemon(true);
        thread.start();
    }
}
