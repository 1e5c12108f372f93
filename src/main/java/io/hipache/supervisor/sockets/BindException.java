package io.hipache.supervisor.sockets;

import io.hipache.config.HipacheConfig.Listener;
import io.netty.channel.unix.Errors.NativeIoException;
import java.util.List;

/** One listener could not be bound. The message is one line for the administrator. */
final class BindException extends Exception {
    private static final long serialVersionUID = 1L;

    // Linux errno values. They are the same on every architecture that Netty builds its epoll transport for
    private static final int EPERM = 1;
    private static final int EACCES = 13;
    private static final int EAFNOSUPPORT = 97;
    private static final int EADDRINUSE = 98;
    private static final int EADDRNOTAVAIL = 99;

    BindException(Listener listener, Throwable cause) {
        this(listener, reason(cause, listener.port()));
    }

    BindException(Listener listener, String reason) {
        super("cannot listen on " + listener.url() + ": " + reason);
    }

    /** The running program has the port, at addresses that overlap this one. */
    static BindException ownPort(Listener listener, List<String> present) {
        return new BindException(
                listener,
                "this program has the port at " + String.join(" and ", present)
                        + ", and only a restart can change one for the other");
    }

    static boolean isInUse(Throwable cause) {
        return errno(cause) == EADDRINUSE;
    }

    private static int errno(Throwable cause) {
        return cause instanceof NativeIoException failed ? -failed.expectedErr() : 0;
    }

    private static String reason(Throwable cause, int port) {
        return switch (errno(cause)) {
            case EADDRINUSE -> "the port is in use";
            case EADDRNOTAVAIL -> "this machine does not have the address";
            case EAFNOSUPPORT -> "this machine does not have the protocol";
            case EPERM, EACCES ->
                "permission denied"
                        + (port < 1024 ? ", ports below 1024 need root or the capability CAP_NET_BIND_SERVICE" : "");
            default -> String.valueOf(cause.getMessage());
        };
    }
}
