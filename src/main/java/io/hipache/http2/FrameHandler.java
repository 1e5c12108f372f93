package io.hipache.http2;

import io.hipache.net.DirectMemory;
import io.hipache.net.KernelOutput;
import io.hipache.net.Output;
import io.hipache.net.ReadGate;
import io.hipache.net.ReadGate.Reason;
import io.hipache.net.Reset;
import io.hipache.net.WaitingOutput;
import io.netty.buffer.ByteBuf;
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
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Last handler of a client connection that speaks HTTP/2, behind TLS. It is Netty's codec with the proxy's own
 * decisions: about flushing and what waits here, about errors of streams in {@link StreamErrors}, and about the end of the
 * connection in {@link ConnectionEnd}. {@link FrameHandlers} creates it. Confined to the event loop.
 */
public final class FrameHandler extends Http2ConnectionHandler implements Output {
    /** All streams together are full when so many bytes of responses wait for the client. */
    private static final int MOST_WAITING = 1 << 20;

    /** The same while memory is scarce. */
    private static final int MOST_WAITING_SCARCE = 64 * 1024;

    private final ConnectionListener listener;
    private final FrameLimits limits;
    private final FrameBudget budget;
    private final OpenStreams streams;
    private final StreamErrors streamErrors;
    private final Acknowledgements acknowledgements;
    private final ConnectionEnd connectionEnd;
    private final Runnable flush = this::flushNow;
    private final Runnable readOn = this::readOn;
    private @Nullable ChannelHandlerContext context;
    private @Nullable ReadGate gate;
    /** Bytes of request bodies that wait for their backends. */
    private int kept;
    /** Bytes of responses that wait for the client. */
    private long waiting;

    private boolean reading;
    private boolean flushScheduled;

    FrameHandler(
            Http2ConnectionDecoder decoder,
            Http2ConnectionEncoder encoder,
            Http2Settings settings,
            ConnectionListener listener,
            FrameLimits limits,
            FrameBudget budget,
            Acknowledgements acknowledgements) {
        // decouple close() from GOAWAY: without the first flag, close() would wait for open streams
        super(decoder, encoder, settings, true, true);
        this.listener = listener;
        this.limits = limits;
        this.budget = budget;
        this.streams = new OpenStreams(connection());
        this.streamErrors = new StreamErrors(this, budget);
        this.acknowledgements = acknowledgements;
        this.connectionEnd = new ConnectionEnd(this);
        decoder.frameListener(new RequestFrames(this, streamErrors, acknowledgements));
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
        gate = new ReadGate(ctx.channel());
        super.handlerAdded(ctx);
        connectionEnd.handlerAdded();
        FrameHandlers.openConnectionWindow(connection(), listener.mostBodyBytes());
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
        listener.headBytesHeld(limits.undelivered());
        acknowledgements.pass();
        super.channelReadComplete(ctx);
        connectionEnd.readComplete();
        if (!ctx.channel().isWritable()) {
            // most frames are answered by a frame: who does not fetch those sends no more
            gate().pause(Reason.SINK_FULL);
        }
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (isEnding()) {
            in.skipBytes(in.readableBytes());
        } else {
            super.decode(ctx, in, out);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) throws Exception {
        if (ctx.channel().isWritable()) {
            gate().resume(Reason.SINK_FULL);
        }
        super.channelWritabilityChanged(ctx);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        connectionEnd.event(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        acknowledgements.release();
        super.channelInactive(ctx);
        listener.readOn(readOn);
        listener.closed();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
        connectionEnd.logError(cause);
        ctx.close();
    }

    // errors

    @Override
    protected void onConnectionError(
            ChannelHandlerContext ctx, boolean outbound, Throwable cause, @Nullable Http2Exception error) {
        connectionEnd.afterError(cause, error);
    }

    @Override
    protected void onStreamError(ChannelHandlerContext ctx, boolean outbound, Throwable cause, StreamException error) {
        streamErrors.happened(ctx, outbound, cause, error);
    }

    /** Has Netty reset the stream of an error. */
    void resetBroken(ChannelHandlerContext ctx, boolean outbound, Throwable cause, StreamException error) {
        super.onStreamError(ctx, outbound, cause, error);
    }

    // the end of the connection

    /**
     * Ends the connection and all of its streams.
     *
     * @param error the error code for the client's GOAWAY
     * @param reason a short English phrase for the log
     */
    void end(Http2Error error, String reason) {
        connectionEnd.end(error, reason);
    }

    /** Ends a connection that has been idle for too long. */
    public void endIdle() {
        end(Http2Error.NO_ERROR, "idle");
    }

    /** Whether frames wait to be flushed at the end of this turn. */
    boolean isGathering() {
        return reading || flushScheduled;
    }

    /** Closes the connection at once: its client is gone. */
    public void leave() {
        connectionEnd.leave();
    }

    /** Whether the connection has begun to end. It is closed when the client has fetched what was written. */
    public boolean isEnding() {
        return connectionEnd.isEnding();
    }

    /** Closes the connection at once, whatever the client has not fetched. See {@link Reset#close}. */
    public void cut() {
        Reset.close(channel());
    }

    @Override
    public long writeProgress() {
        return WaitingOutput.progress(channel());
    }

    @Override
    public long nanosSinceSent() {
        return KernelOutput.nanosSinceSent(channel());
    }

    /** Ends an idle connection at once, because another one needs its place. */
    public void giveWay() {
        connectionEnd.giveWay();
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

    OpenStreams streams() {
        return streams;
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
        connectionEnd.streamClosed();
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

    /** So many more bytes of bodies wait for their backends; fewer when the number is negative. */
    void kept(int change) {
        kept += change;
        listener.bodyBytesKept(change);
        if (change > 0 && !listener.admitsBodyBytes()) {
            gate().pause(Reason.INBOX);
            listener.heldBack(readOn);
        } else if (kept == 0 && !gate().isOpen()) {
            listener.readOn(readOn);
            readOn();
        }
    }

    private void readOn() {
        gate().resume(Reason.INBOX);
    }

    private ReadGate gate() {
        if (gate == null) {
            throw new IllegalStateException("not in a pipeline");
        }
        return gate;
    }

    /** So many more bytes of responses wait for the client; fewer when the number is negative. */
    void waits(int change) {
        waiting += change;
    }

    /** Whether so much waits for the client on all streams together that no stream may have much of it. */
    boolean isFull() {
        return waiting >= MOST_WAITING_SCARCE && (waiting >= MOST_WAITING || DirectMemory.isScarce());
    }

    void reset(Http2Stream stream, Http2Error error) {
        if (isEnding() || connection().stream(stream.id()) == null) {
            return;
        }
        ChannelHandlerContext ctx = context();
        streamErrors.wasReset(stream.id());
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
        connectionEnd.pingAnswered(data);
    }

    /** The client, for the log. */
    String remote() {
        return String.valueOf(context().channel().remoteAddress());
    }
}
