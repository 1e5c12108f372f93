package io.hipache.driver.redis;

import io.lettuce.core.RedisCommandExecutionException;
import java.io.FileNotFoundException;
import java.util.regex.Matcher;
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

    /** How Lettuce's message begins when the first byte of a reply is none of the protocol's. */
    private static final String NOT_REDIS = "Invalid first byte: ";

    /** What Lettuce says when the greeting was not answered, for example by a server of another kind. */
    private static final Pattern SILENT =
            Pattern.compile("Connection initialization timed out after (\\d+) second\\(s\\)");

    /** Takes the innermost cause: Lettuce wraps it several times. */
    public static ConnectFailure of(Throwable failure) {
        Throwable root = failure;
        for (Throwable cause = root.getCause(); cause != null; cause = root.getCause()) {
            root = cause;
        }
        return new ConnectFailure(words(root), root instanceof RedisCommandExecutionException);
    }

    private static String words(Throwable root) {
        String message = root.getMessage();
        if (message == null) {
            return root instanceof FileNotFoundException
                    ? "no such file"
                    : root.getClass().getSimpleName();
        }
        if (message.startsWith(NOT_REDIS)) {
            return "what answers there is not Redis";
        }
        Matcher silent = SILENT.matcher(message);
        return silent.matches()
                ? "no answer of Redis within " + silent.group(1) + " s"
                : SYSTEM_CALL.matcher(message).replaceFirst("");
    }
}
