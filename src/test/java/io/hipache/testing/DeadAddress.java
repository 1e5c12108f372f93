package io.hipache.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** An address of this machine on which nothing listens. */
public final class DeadAddress {
    private DeadAddress() {}

    /** A port of 127.0.0.1 that was free a moment ago, so connections to it are refused. */
    public static int port() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The address as an entry of a frontend. */
    public static String url() {
        return "http://127.0.0.1:" + port();
    }
}
