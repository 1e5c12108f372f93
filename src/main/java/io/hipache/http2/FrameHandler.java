package io.hipache.http2;

import io.hipache.net.DirectMemory;
import io.hipache.net.DrainRequested;
import io.hipache.net.KernelOutput;
import io.hipache.net.LingeringClose;
import io.hipache.net.Output;
import io.hipache.net.ReadGate;
import io.hipache.net.ReadGate.Reason;
import io.hipache.net.Reset;
import io.hipache.net.WaitingOutput;
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
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameTypes;
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
public final class FrameHandler extends Http2ConnectionHandler implements Output {
    private static final Logger log = LoggerFactory.getLogger(FrameHandler.class);

    /** The bytes of an answer to a ping, with the head of its frame. */
    private static final int PONG = 17;

    private static final int MOST_PONGS = 256;

    private final ConnectionListener listener;
    /** All streams together are full when so many bytes of responses wait for the client. */
    private static final int MOST_WAITING = 1 << 20;

    /** The same while memory is scarce. */
    private static final int MOST_WAITING_SCARCE = 64 * 1024;

    private final FrameLimits limits;
    private final FrameBudget budget;
    private final RecentStreams resets = new RecentStreams();
    /** Those whose request was complete. */
    private final RecentStreams complete = new RecentStreams();
    /** Those that the client has reset. */
    private final RecentStreams left = new RecentStreams();

    private final OpenStreams streams;
    private final Runnable flush = this::flushNow;
    private final Runnable readOn = this::readOn;
    private @Nullable ChannelHandlerContext context;
    private @Nullable GracefulShutdown shutdown;
    private @Nullable HalfClose halfClose;
    private @Nullable ReadGate gate;
    /** Bytes of request bodies that wait for their backends. */
    private int kept;
    /** Bytes of responses that wait for the client. */
    private long waiting;
    /** Answers to pings that have not been written yet. */
    private @Nullable ByteBuf pongs;

    private boolean reading;
    private boolean flushScheduled;
    /** The connection is ending: everything that arrives is thrown away. */
    private boolean closing;

    FrameHandler(
            Http2ConnectionDecoder decoder,
            Http2ConnectionEncoder encoder,
            Http2Settings settings,
            ConnectionListener listener,
            FrameLimits limits,
            FrameBudget budget) {
        // decouple close() from GOAWAY: without the first flag, close() would wait for open streams
        super(decoder, encoder, settings, true, true);
        this.listener = listener;
        this.limits = limits;
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
        gate = new ReadGate(ctx.channel());
        super.handlerAdded(ctx);
        halfClose = new HalfClose(this);
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
        passPongs();
        super.channelReadComplete(ctx);
        if (halfClose != null) {
            halfClose.lookWhetherDone();
        }
        if (!ctx.channel().isWritable()) {
            // most frames are answered by a frame: who does not fetch those sends no more
            gate().pause(Reason.SINK_FULL);
        }
    }

    /** Answers a ping together with others that came in the same turn: each as a frame of its own would cost much more. */
    void answerPing(long data) {
        ByteBuf answers = pongs;
        if (answers == null) {
            answers = channel().alloc().buffer(PONG, MOST_PONGS * PONG);
            pongs = answers;
        }
        answers.writeMedium(Long.BYTES)
                .writeByte(Http2FrameTypes.PING)
                .writeByte(new Http2Flags().ack(true).value())
                .writeInt(0)
                .writeLong(data);
        if (!answers.isWritable(PONG)) {
            passPongs();
        }
    }

    private void passPongs() {
        ByteBuf answers = pongs;
        if (answers != null) {
            pongs = null;
            context().write(answers);
        }
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
    public void channelWritabilityChanged(ChannelHandlerContext ctx) throws Exception {
        if (ctx.channel().isWritable()) {
            gate().resume(Reason.SINK_FULL);
        }
        super.channelWritabilityChanged(ctx);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof DrainRequested && shutdown == null && !closing) {
            shutdown = new GracefulShutdown(this);
            shutdown.begin();
        } else if (halfClose != null) {
            halfClose.event(event);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        if (pongs != null) {
            pongs.release();
            pongs = null;
        }
        super.channelInactive(ctx);
        listener.readOn(readOn);
        listener.closed();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
        logError(cause);
        ctx.close();
    }

    private void logError(Throwable cause) {
        if (DirectMemory.isExhausted(cause)) {
            listener.outOfMemory();
        } else if (cause instanceof IOException || cause.getCause() instanceof SSLException) {
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
        if (!outbound && !closed && complete.contains(error.streamId())) {
            // Netty calls a second head malformed; it is a frame behind the end of the request
            StreamException behind = (StreamException)
                    Http2Exception.streamError(error.streamId(), Http2Error.STREAM_CLOSED, "%s", error.getMessage());
            onStreamError(ctx, false, behind, behind);
            return;
        }
        if (!outbound && !closed) {
            reportMalformed(error);
        }
        int id = error.streamId();
        boolean over = closed && connection().stream(id) == null;
        boolean late = over && resets.contains(id);
        if (over && !outbound && !late && !left.contains(id)) {
            endBehindTheEnd(id);
            return;
        }
        if (!outbound && !budget.spend(late ? FrameBudget.LATE_FRAME : FrameBudget.LOST_STREAM)) {
            end(Http2Error.ENHANCE_YOUR_CALM, "too many stream errors");
            return;
        }
        if (late) {
            return;
        }
        log.debug("{}: stream {}: {}", remote(), error.streamId(), error.getMessage());
        resets.add(id);
        super.onStreamError(ctx, outbound, cause, error);
    }

    /** A frame came for a stream that is over (RFC 9113 §5.1), or that no longer can begin (§5.1.1). */
    private void endBehindTheEnd(int id) {
        if (complete.contains(id)) {
            end(Http2Error.STREAM_CLOSED, "a frame behind the end of stream " + id);
        } else {
            end(Http2Error.PROTOCOL_ERROR, "stream " + id + " is not a new one");
        }
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

    /** Whether frames wait to be flushed at the end of this turn. */
    boolean isGathering() {
        return reading || flushScheduled;
    }

    /** Closes the connection at once: its client is gone. */
    public void leave() {
        closing = true;
        context().close();
    }

    /** Whether the connection has begun to end. It is closed when the client has fetched what was written. */
    public boolean isEnding() {
        return closing;
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
        if (!closing) {
            closing = true;
            ChannelHandlerContext ctx = context();
            int last = connection().remote().lastStreamCreated();
            encoder()
                    .frameWriter()
                    .writeGoAway(ctx, last, Http2Error.NO_ERROR.code(), Unpooled.EMPTY_BUFFER, ctx.newPromise());
            ctx.flush();
        }
        context().close();
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

    /** The client has sent its whole request, and may send nothing more for this stream. */
    void requestComplete(int id) {
        complete.add(id);
    }

    /** The client has reset this stream. */
    void resetByClient(int id) {
        left.add(id);
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
        if (halfClose != null) {
            halfClose.lookWhetherDone();
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
