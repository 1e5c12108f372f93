package io.hipache.driver.redis;

import io.lettuce.core.RedisCommandExecutionException;
import java.util.regex.Pattern;

/**
 * Why an attempt to connect failed, in words for the log.
 *
 * @param reason an error reply of the server, or what the network or TLS said
 * @param answered whether the reason is an error reply of the server
 */
public record ConnectFailure(String reason, boolean answered) {

    /** What Netty's epoll transport writes before the words of the kernel: {@code finishConnect(..) failed with error(-111): }. */
    private static final Pattern SYSTEM_CALL = Pattern.compile("^\\w+\\(\\.\\.\\) failed with error\\(-?\\d+\\): ");

    /** Takes the innermost cause: Lettuce wraps it several times. */
    public static ConnectFailure of(Throwable failure) {
        Throwable root = failure;
        for (Throwable cause = root.getCause(); cause != null; cause = root.getCause()) {
            root = cause;
        }
        String message = root.getMessage();
        return new ConnectFailure(
                message == null
                        ? root.getClass().getSimpleName()
                        : SYSTEM_CALL.matcher(message).replaceFirst(""),
                root instanceof RedisCommandExecutionException);
    }
}
