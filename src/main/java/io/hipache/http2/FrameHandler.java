package io.hipache.http2;

import io.hipache.net.DrainRequested;
import io.hipache.net.LingeringClose;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Exception.StreamException;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Last handler of a client connection that speaks HTTP/2, behind TLS. It is Netty's codec with the proxy's own
 * decisions about flushing, errors and the end of the connection. {@link FrameHandlers} creates it. Confined to the
 * event loop.
 */
public final class FrameHandler extends Http2ConnectionHandler {
    private static final Logger log = LoggerFactory.getLogger(FrameHandler.class);

    private final ConnectionListener listener;
    private final FrameBudget budget;
    private final ResetStreams resets = new ResetStreams();
    private final OpenStreams streams;
    private final Runnable flush = this::flushNow;
    private @Nullable ChannelHandlerContext context;
    private @Nullable GracefulShutdown shutdown;
    private boolean reading;
    private boolean flushScheduled;
    /** The connection is ending: everything that arrives is thrown away. */
    private boolean closing;

    FrameHandler(
            Http2ConnectionDecoder decoder,
            Http2ConnectionEncoder encoder,
            Http2Settings settings,
            ConnectionListener listener,
            FrameBudget budget) {
        // decouple close() from GOAWAY: without the first flag, close() would wait for open streams
        super(decoder, encoder, settings, true, true);
        this.listener = listener;
        this.budget = budget;
        this.streams = new OpenStreams(connection());
        decoder.frameListener(new RequestFrames(this));
        connection().addListener(new Http2ConnectionAdapter() {
            @Override
            public void onStreamClosed(Http2Stream stream) {
                streamClosed(stream);
            }
        });
    }

    // the life of the connection

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
        context = ctx;
        super.handlerAdded(ctx);
        FrameHandlers.openConnectionWindow(connection());
        flushNow();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        reading = true;
        super.channelRead(ctx, message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
        reading = false;
        streams.forEach(stream -> stream.inbox().readComplete());
        super.channelReadComplete(ctx);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (closing) {
            in.skipBytes(in.readableBytes());
        } else {
            super.decode(ctx, in, out);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof DrainRequested && shutdown == null && !closing) {
            shutdown = new GracefulShutdown(this);
            shutdown.begin();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        super.channelInactive(ctx);
        listener.closed();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
        logError(cause);
        ctx.close();
    }

    private void logError(Throwable cause) {
        if (cause instanceof IOException || cause.getCause() instanceof SSLException) {
            // the client has reset the connection, or a write came after its end
            log.debug("{}: {}", remote(), cause.toString());
        } else {
            log.error(
                    "the HTTP/2 connection of {} is closed after an unexpected error, please report it: {}",
                    remote(),
                    cause.toString(),
                    cause);
        }
    }

    // errors

    @Override
    protected void onConnectionError(
            ChannelHandlerContext ctx, boolean outbound, Throwable cause, @Nullable Http2Exception error) {
        if (error == null) {
            logError(cause);
            end(Http2Error.INTERNAL_ERROR, "unexpected");
        } else {
            end(error.error(), String.valueOf(error.getMessage()));
        }
    }

    @Override
    protected void onStreamError(ChannelHandlerContext ctx, boolean outbound, Throwable cause, StreamException error) {
        boolean closed = error.error() == Http2Error.STREAM_CLOSED;
        if (closed && outbound) {
            // a write that waited for the client's window when its stream was closed
            return;
        }
        if (!outbound && !closed) {
            reportMalformed(error);
        }
        boolean late = closed && connection().stream(error.streamId()) == null && resets.contains(error.streamId());
        if (!outbound && !budget.spend(late ? FrameBudget.LATE_FRAME : FrameBudget.LOST_STREAM)) {
            end(Http2Error.ENHANCE_YOUR_CALM, "too many stream errors");
            return;
        }
        if (late) {
            return;
        }
        log.debug("{}: stream {}: {}", remote(), error.streamId(), error.getMessage());
        resets.add(error.streamId());
        super.onStreamError(ctx, outbound, cause, error);
    }

    /** Tells the listener once of each request that ends with a stream error. */
    private void reportMalformed(StreamException error) {
        int id = error.streamId();
        ClientStream open = streams.get(id);
        if (open != null) {
            open.listener().malformed();
            return;
        }
        boolean over =
                connection().stream(id) == null && id <= connection().remote().lastStreamCreated();
        if (!over && !resets.contains(id)) {
            listener.requestRefused(refusal(error));
        }
    }

    private static ConnectionListener.Refusal refusal(StreamException error) {
        if (error instanceof Http2Exception.HeaderListSizeException) {
            return ConnectionListener.Refusal.HEAD_TOO_LARGE;
        }
        return error.error() == Http2Error.REFUSED_STREAM
                ? ConnectionListener.Refusal.TOO_MANY_STREAMS
                : ConnectionListener.Refusal.MALFORMED;
    }

    /**
     * Ends the connection and all of its streams.
     *
     * @param error the error code for the client's GOAWAY
     * @param reason a short English phrase for the log
     */
    void end(Http2Error error, String reason) {
        if (closing) {
            return;
        }
        closing = true;
        log.debug("{}: ending the HTTP/2 connection: {} ({})", remote(), error, reason);
        ChannelHandlerContext ctx = context();
        int last = connection().remote().lastStreamCreated();
        encoder().frameWriter().writeGoAway(ctx, last, error.code(), Unpooled.EMPTY_BUFFER, ctx.newPromise());
        streams.closeAll();
        ctx.flush();
        LingeringClose.close(ctx.channel());
    }

    /** Ends a connection that has been idle for too long. */
    public void endIdle() {
        end(Http2Error.NO_ERROR, "idle");
    }

    // streams

    /** The stream with this id, or null when it is closed or has brought no request. */
    @Nullable
    ClientStream stream(int id) {
        return streams.get(id);
    }

    /** Creates the stream of a request that has arrived, and starts its listener. */
    void open(int id, ClientStream.ListenerFactory listenerFactory) {
        Http2Stream stream = connection().stream(id);
        ClientStream opened = new ClientStream(this, stream, listenerFactory);
        streams.put(stream, opened);
        opened.listener().begin();
    }

    ConnectionListener listener() {
        return listener;
    }

    /** Calls {@code action} for every open stream that has brought a request. */
    public void forEachStream(Consumer<ClientStream> action) {
        streams.forEach(action);
    }

    private void streamClosed(Http2Stream stream) {
        ClientStream closed = streams.of(stream);
        if (closed != null) {
            closed.closed();
        }
        listener.streamClosed(connection().numActiveStreams());
        if (shutdown != null) {
            shutdown.streamClosed();
        }
    }

    // what streams ask for

    Channel channel() {
        return context().channel();
    }

    ChannelFuture writeHeaders(Http2Stream stream, Http2Headers headers, boolean end) {
        ChannelHandlerContext ctx = context();
        return encoder().writeHeaders(ctx, stream.id(), headers, 0, end, ctx.newPromise());
    }

    ChannelFuture writeData(Http2Stream stream, ByteBuf bytes, boolean end) {
        ChannelHandlerContext ctx = context();
        // two WINDOW_UPDATEs are always allowed, one for the stream and one for the connection
        budget.earn(2 + bytes.readableBytes() / FrameBudget.BYTES_PER_UPDATE);
        return encoder().writeData(ctx, stream.id(), bytes, 0, end, ctx.newPromise());
    }

    /**
     * How many bytes of a stream the client accepts before it sends another WINDOW_UPDATE. 0 when the stream is closed.
     */
    int window(Http2Stream stream) {
        return connection().stream(stream.id()) == null
                ? 0
                : encoder().flowController().windowSize(stream);
    }

    /** Tells the client, by its windows, that it may send {@code bytes} more of a request. */
    void consumed(Http2Stream stream, int bytes) {
        try {
            if (decoder().flowController().consumeBytes(stream, bytes)) {
                flushSoon();
            }
        } catch (Http2Exception e) {
            onError(context(), false, e);
        }
    }

    void reset(Http2Stream stream, Http2Error error) {
        if (closing || connection().stream(stream.id()) == null) {
            return;
        }
        ChannelHandlerContext ctx = context();
        resets.add(stream.id());
        encoder().writeRstStream(ctx, stream.id(), error.code(), ctx.newPromise());
        // closed at once: frames that wait for a window must not follow the reset
        closeStream(stream, ctx.newSucceededFuture());
        flushSoon();
    }

    void earn(int amount) {
        budget.earn(amount);
    }

    /**
     * Sends the written frames together with the frames of other streams, at the end of this turn of the event loop.
     */
    void flushSoon() {
        if (!reading && !flushScheduled) {
            flushScheduled = true;
            context().executor().execute(flush);
        }
    }

    void flushNow() {
        flushScheduled = false;
        flush(context());
    }

    ChannelHandlerContext context() {
        if (context == null) {
            throw new IllegalStateException("not in a pipeline");
        }
        return context;
    }

    /** Handles the answer to a ping; only {@link GracefulShutdown} sends one. */
    void pingAnswered(long data) {
        if (shutdown != null) {
            shutdown.pingAnswered(data);
        }
    }

    private String remote() {
        return String.valueOf(context().channel().remoteAddress());
    }
}
