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
 * Last handler of a client connection that speaks HTTP/2, behind TLS: Netty's codec, with what this proxy decides itself.
 * Made by {@link FrameHandlers}. Confined to the event loop.
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
    /** Nothing is read any more; what comes is thrown away. */
    private boolean closing;

    FrameHandler(
            Http2ConnectionDecoder decoder,
            Http2ConnectionEncoder encoder,
            Http2Settings settings,
            ConnectionListener listener,
            FrameBudget budget) {
        // closing is closing: Netty would wait for streams first
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

    // what a client's connection goes through

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
            // a reset, or a write to a connection that has ended
            log.debug("{}: {}", remote(), cause.toString());
        } else {
            log.error("closing the connection of {}: unexpected {}", remote(), cause.toString(), cause);
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
            // it had still waited for the client's window
            return;
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

    /** Ends the connection and all of its streams for a reason that the client is told. */
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

    /** Nobody has asked for anything for too long. */
    public void endIdle() {
        end(Http2Error.NO_ERROR, "idle");
    }

    // streams

    @Nullable
    ClientStream stream(int id) {
        return streams.get(id);
    }

    /** What a request that has come is given to. */
    void open(int id, ClientStream.ListenerFactory listenerFactory) {
        Http2Stream stream = connection().stream(id);
        ClientStream opened = new ClientStream(this, stream, listenerFactory);
        streams.put(stream, opened);
        opened.listener().begin();
    }

    ConnectionListener listener() {
        return listener;
    }

    /** Does it with every stream that has brought a request and is still open. */
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

    // what streams do

    Channel channel() {
        return context().channel();
    }

    ChannelFuture writeHeaders(Http2Stream stream, Http2Headers headers, boolean end) {
        ChannelHandlerContext ctx = context();
        return encoder().writeHeaders(ctx, stream.id(), headers, 0, end, ctx.newPromise());
    }

    ChannelFuture writeData(Http2Stream stream, ByteBuf bytes, boolean end) {
        ChannelHandlerContext ctx = context();
        // so that the client may say, for its stream and its connection, that it has taken them
        budget.earn(2 + bytes.readableBytes() / FrameBudget.BYTES_PER_UPDATE);
        return encoder().writeData(ctx, stream.id(), bytes, 0, end, ctx.newPromise());
    }

    /** Bytes that the client takes of a stream before it says more. */
    int window(Http2Stream stream) {
        return connection().stream(stream.id()) == null
                ? 0
                : encoder().flowController().windowSize(stream);
    }

    /** Gives bytes of a request back to the client's windows. */
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
        // at once: what waits for a window must not follow
        closeStream(stream, ctx.newSucceededFuture());
        flushSoon();
    }

    void earn(int amount) {
        budget.earn(amount);
    }

    /** Sends what was written, together with what others write in this turn of the loop. */
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

    /** Whether it was the answer to a ping of ours. */
    void pingAnswered(long data) {
        if (shutdown != null) {
            shutdown.pingAnswered(data);
        }
    }

    private String remote() {
        return String.valueOf(context().channel().remoteAddress());
    }
}
