package io.hipache.driver.redis;

import io.lettuce.core.output.CommandOutput;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * One command that a {@link RedisLink} sends. Called on the event loop. Exactly one of {@link #answered} and
 * {@link #failed} is called, once.
 */
public interface RedisCommand {

    /** Writes the command in the protocol of Redis, see {@link Resp}. */
    void encode(ByteBuf out);

    /** Where Lettuce puts the elements of the reply. Called once, before the command is sent. */
    CommandOutput<String, String, Void> output();

    /**
     * The reply is complete.
     *
     * @param error the error when the reply is one, else null
     */
    void answered(@Nullable String error);

    /** How the error begins with which our scripts end when they may not use one of their commands. */
    String REFUSED = "REFUSED";

    /** Whether an error means that the server runs no scripts, or not these: an ACL forbids it, or a command is unknown. */
    static boolean isRefusal(String error) {
        return error.startsWith("NOPERM") || error.startsWith("ERR unknown command") || error.startsWith(REFUSED);
    }

    /** Whether an error means that the server has no data at the moment, and will have it again. */
    static boolean isPassing(String error) {
        return error.startsWith("LOADING") || error.startsWith("BUSY ") || error.startsWith("MASTERDOWN");
    }

    /** There is no reply: the connection was lost, or there was none. */
    void failed(Throwable cause);
}
