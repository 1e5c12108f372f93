package io.hipache.driver.redis;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** One command for Redis, as {@link WireCommand} carries it. Called on the event loop. */
public interface Request {

    void encode(ByteBuf out);

    /**
     * The reply is complete. Either this or {@link #failed} is called, once.
     *
     * @param error the reply when it is an error, else null
     */
    void answered(@Nullable String error);

    /** There will be no reply: the connection is lost or never was. */
    void failed(Throwable cause);
}
