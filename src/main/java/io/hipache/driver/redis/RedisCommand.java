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

    /** There is no reply: the connection was lost, or there was none. */
    void failed(Throwable cause);
}
