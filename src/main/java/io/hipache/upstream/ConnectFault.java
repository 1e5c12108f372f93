package io.hipache.upstream;

import io.netty.channel.ConnectTimeoutException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import org.jspecify.annotations.Nullable;

/** Network faults in the words of errno, as Hipache's log has them. */
final class ConnectFault {
    private ConnectFault() {}

    static String describe(@Nullable Throwable cause) {
        if (cause instanceof ConnectTimeoutException) {
            return "ETIMEDOUT";
        }
        if (cause instanceof NoRouteToHostException) {
            return "EHOSTUNREACH";
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
