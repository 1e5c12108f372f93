package io.hipache.proxy;

import io.hipache.http.BodyEnd;
import io.netty.buffer.ByteBuf;

/** One response on its way to a client, its head being written. */
interface ResponseRelay {
    /** Writes and takes over {@code bytes} of the body. */
    void body(ByteBuf bytes);

    /** The response is complete. */
    void end(BodyEnd end);

    /** Whether the client's connection stays open behind this response. */
    boolean keepsAlive();
}
