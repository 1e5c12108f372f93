package io.hipache.upstream;

import io.netty.channel.ChannelException;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.socket.ChannelOutputShutdownException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import org.jspecify.annotations.Nullable;

/** Network faults in the words of errno, as Hipache's log has them. */
final class ConnectFault {
    private ConnectFault() {}

    /** Whether this machine is out of file descriptors or ports, which says nothing of the backend. */
    static boolean isLocal(Throwable cause) {
        return cause instanceof ChannelException
                || String.valueOf(cause.getMessage()).contains("Cannot assign requested address");
    }

    static String describe(@Nullable Throwable cause) {
        if (cause instanceof ConnectTimeoutException) {
            return "ETIMEDOUT";
        }
        if (cause instanceof NoRouteToHostException) {
            return "EHOSTUNREACH";
        }
        if (cause instanceof ChannelOutputShutdownException && cause.getCause() != null) {
            return describe(cause.getCause());
        }
        String message = cause == null || cause.getMessage() == null ? String.valueOf(cause) : cause.getMessage();
        if (cause instanceof ConnectException && message.contains("refused")) {
            return "ECONNREFUSED";
        }
        if (message.contains("reset by peer")) {
            return "ECONNRESET";
        }
        return message;
    }
}
