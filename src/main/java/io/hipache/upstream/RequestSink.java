package io.hipache.upstream;

import io.hipache.http.BodyEnd;
import io.netty.buffer.ByteBuf;

/** Where the body of a request goes. Confined to the event loop. */
public interface RequestSink {
    /** Writes and takes over {@code bytes} of the body. */
    void body(ByteBuf bytes);

    /** Writes the end of the body, with its trailers. */
    void bodyEnd(BodyEnd end);

    void flush();

    /** Whether the backend takes more bytes; otherwise those that wait for it are enough for now. */
    boolean isWritable();
}
