package io.hipache.testing;

/** An address of this machine on which nothing listens. */
public final class DeadAddress {
    private DeadAddress() {}

    /** A port of 127.0.0.1 on which nothing listens, so connections to it are refused. */
    public static int port() {
        return FreePorts.next();
    }

    /** The address as an entry of a frontend. */
    public static String url() {
        return "http://127.0.0.1:" + port();
    }
}
