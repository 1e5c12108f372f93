package io.hipache.upstream;

import io.hipache.outcome.EndReason;
import io.netty.channel.ChannelException;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.socket.ChannelOutputShutdownException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Network faults in the words of errno, as Hipache's log has them. */
public final class ConnectFault {
    private static final String REFUSED = "ECONNREFUSED";
    private static final String TIMED_OUT = "ETIMEDOUT";
    private static final String UNREACHABLE = "EHOSTUNREACH";

    /** What EADDRNOTAVAIL, EAGAIN, ENOBUFS and ENOMEM of connect(2) read like. */
    private static final List<String> LOCAL = List.of(
            "Cannot assign requested address",
            "Resource temporarily unavailable",
            "No buffer space available",
            "Cannot allocate memory");

    private ConnectFault() {}

    /** Whether this machine is out of file descriptors, ports or memory, which says nothing about the backend. */
    public static boolean isLocal(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        return cause instanceof ChannelException || LOCAL.stream().anyMatch(message::contains);
    }

    /** The word for a connection that did not come about. */
    public static EndReason reason(@Nullable Throwable cause) {
        return switch (describe(cause)) {
            case REFUSED -> EndReason.CONNECT_REFUSED;
            case TIMED_OUT -> EndReason.CONNECT_TIMED_OUT;
            case UNREACHABLE -> EndReason.BACKEND_UNREACHABLE;
            default -> EndReason.CONNECT_FAILED;
        };
    }

    public static String describe(@Nullable Throwable cause) {
        if (cause instanceof ConnectTimeoutException) {
            return TIMED_OUT;
        }
        if (cause instanceof NoRouteToHostException) {
            return UNREACHABLE;
        }
        if (cause instanceof ChannelOutputShutdownException && cause.getCause() != null) {
            return describe(cause.getCause());
        }
        String message = cause == null || cause.getMessage() == null ? String.valueOf(cause) : cause.getMessage();
        if (cause instanceof ConnectException && message.contains("refused")) {
            return REFUSED;
        }
        if (message.contains("reset by peer")) {
            return "ECONNRESET";
        }
        return message;
    }
}
