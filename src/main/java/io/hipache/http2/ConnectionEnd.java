package io.hipache.http2;

import io.hipache.net.DirectMemory;
import io.hipache.net.DrainRequested;
import io.hipache.net.LingeringClose;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.IOException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a connection, whoever wants it: its client (by {@link HalfClose} or an error), its worker (by
 * {@link GracefulShutdown}), or a limit. Wherever the client can still read, a GOAWAY tells it why (RFC 9113 §6.8). Confined
 * to the event loop.
 */
final class ConnectionEnd {
    private static final Logger log = LoggerFactory.getLogger(ConnectionEnd.class);

    private final FrameHandler connection;
    private @Nullable GracefulShutdown shutdown;
    private @Nullable HalfClose halfClose;
    /** The connection is ending: everything that arrives is thrown away. */
    private boolean closing;

    ConnectionEnd(FrameHandler connection) {
        this.connection = connection;
    }

    // what may end it

    /** The connection is in its pipeline. */
    void handlerAdded() {
        halfClose = new HalfClose(connection);
    }

    void event(Object event) {
        if (event instanceof DrainRequested && shutdown == null && !closing) {
            shutdown = new GracefulShutdown(connection);
            shutdown.begin();
        } else if (halfClose != null) {
            halfClose.event(event);
        }
    }

    void readComplete() {
        if (halfClose != null) {
            halfClose.lookWhetherDone();
        }
    }

    void streamClosed() {
        if (shutdown != null) {
            shutdown.streamClosed();
        }
        if (halfClose != null) {
            halfClose.lookWhetherDone();
        }
    }

    /** Handles the answer to a ping; only {@link GracefulShutdown} sends one. */
    void pingAnswered(long data) {
        if (shutdown != null) {
            shutdown.pingAnswered(data);
        }
    }

    /** Ends it after an error that concerns all of its streams (RFC 9113 §5.4.1). */
    void afterError(Throwable cause, @Nullable Http2Exception error) {
        if (error == null) {
            logError(cause);
            end(Http2Error.INTERNAL_ERROR, "unexpected");
        } else {
            end(error.error(), String.valueOf(error.getMessage()));
        }
    }

    void logError(Throwable cause) {
        if (DirectMemory.isExhausted(cause)) {
            connection.listener().outOfMemory();
        } else if (cause instanceof IOException || cause.getCause() instanceof SSLException) {
            // the client has reset the connection, or a write came after its end
            log.debug("{}: {}", connection.remote(), cause.toString());
        } else {
            log.error(
                    "the HTTP/2 connection of {} is closed after an unexpected error, please report it: {}",
                    connection.remote(),
                    cause.toString(),
                    cause);
        }
    }

    // how it ends

    /** Ends the connection and all of its streams, see {@link FrameHandler#end}. */
    void end(Http2Error error, String reason) {
        if (closing) {
            return;
        }
        closing = true;
        log.debug("{}: ending the HTTP/2 connection: {} ({})", connection.remote(), error, reason);
        ChannelHandlerContext ctx = connection.context();
        writeGoAway(ctx, error);
        connection.streams().closeAll();
        ctx.flush();
        LingeringClose.close(ctx.channel());
    }

    /** Ends an idle connection at once, because another one needs its place. */
    void giveWay() {
        if (!closing) {
            closing = true;
            ChannelHandlerContext ctx = connection.context();
            writeGoAway(ctx, Http2Error.NO_ERROR);
            ctx.flush();
        }
        connection.context().close();
    }

    private void writeGoAway(ChannelHandlerContext ctx, Http2Error error) {
        int last = connection.connection().remote().lastStreamCreated();
        connection
                .encoder()
                .frameWriter()
                .writeGoAway(ctx, last, error.code(), Unpooled.EMPTY_BUFFER, ctx.newPromise());
    }

    /** Closes the connection at once: its client is gone. */
    void leave() {
        closing = true;
        connection.context().close();
    }

    /** Whether the connection has begun to end. It is closed when the client has fetched what was written. */
    boolean isEnding() {
        return closing;
    }
}
