package io.hipache.upstream;

import io.hipache.http.BodyEnd;
import io.hipache.http.ConnectionLogin;
import io.hipache.http.MalformedMessage;
import io.hipache.http.ResponseDecoder;
import io.hipache.http.ResponseHead;
import io.hipache.net.DirectMemory;
import io.hipache.net.KernelOutput;
import io.hipache.net.ReadGate;
import io.hipache.net.WaitingOutput;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to a backend that speaks HTTP/1.1, and the last handler in its pipeline behind {@link ResponseDecoder}. It
 * carries one exchange at a time: it has the {@link Http1RequestWriter} write the request, and hands out what was decoded of
 * the response. Confined to the event loop.
 */
final class Http1UpstreamConnection extends ChannelInboundHandlerAdapter
        implements UpstreamExchange, UpgradedConnection {
    private static final Logger log = LoggerFactory.getLogger(Http1UpstreamConnection.class);

    private final Channel channel;
    private final ResponseDecoder decoder;
    private final BackendPool pool;
    private final ReadGate gate;
    private final Http1RequestWriter writer;
    private final LossCause loss = new LossCause();
    /** At most one of both listeners is there: the first until the final head, the second behind it. */
    private @Nullable HeadListener headListener;

    private @Nullable BodyListener bodyListener;
    private boolean established;
    private boolean closing;
    private boolean reused;
    private boolean upgrading;
    private boolean sent;
    private long answersBefore;
    /** Whether somebody has logged in on the connection, or tried to: then nobody else gets it. */
    private boolean loginTried;
    /** Whether the backend has asked for such a login, or gone on with one. */
    private boolean loginOffered;

    private long idleSinceNanos;

    Http1UpstreamConnection(Channel channel, ResponseDecoder decoder, BackendPool pool) {
        this.channel = channel;
        this.decoder = decoder;
        this.pool = pool;
        this.gate = new ReadGate(channel);
        this.writer = new Http1RequestWriter(channel, pool);
    }

    // the request

    @Override
    public void send(UpstreamRequest request, HeadListener listener) {
        assert channel.eventLoop().inEventLoop();
        headListener = listener;
        sent = false;
        answersBefore = pool.life().answers();
        loginTried |= request.logsInConnection();
        DirectMemory.limitOutput(channel);
        decoder.expect(request.method().equals("HEAD"));
        writer.head(request);
    }

    @Override
    public void body(ByteBuf bytes) {
        writer.body(bytes);
    }

    @Override
    public void bodyEnd(BodyEnd end) {
        writer.bodyEnd(end);
    }

    @Override
    public void flush() {
        channel.flush();
        // a flush that fails ends the output at once
        sent |= takesBytes();
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public long writeProgress() {
        return WaitingOutput.progress(channel);
    }

    @Override
    public long nanosSinceSent() {
        return KernelOutput.nanosSinceSent(channel);
    }

    // the response

    @Override
    public boolean backendAnswersOthers() {
        return pool.life().answers() != answersBefore;
    }

    @Override
    public void relayTo(BodyListener listener) {
        headListener = null;
        bodyListener = listener;
    }

    @Override
    public ReadGate gate() {
        return gate;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ResponseHead head) {
            headRead(head);
        } else if (message instanceof ByteBuf bytes) {
            pool.life().answerArrived();
            if (bodyListener != null) {
                bodyListener.responseBody(bytes);
            } else {
                // the exchange has just discarded the connection
                bytes.release();
            }
        } else if (message instanceof BodyEnd end) {
            responseEnd(end);
        } else if (message instanceof MalformedMessage malformed) {
            lost(malformed.reason());
            close();
        } else {
            ReferenceCountUtil.release(message);
            throw new IllegalStateException("not from the decoder: " + message);
        }
    }

    private void headRead(ResponseHead head) {
        if (!head.isInterim()) {
            pool.life().answerArrived();
        }
        HeadListener listener = headListener;
        if (listener == null) {
            // the exchange has just discarded the connection
            return;
        }
        loginOffered |= ConnectionLogin.isOfferedBy(head.fields());
        if (head.isInterim()) {
            listener.interim(head);
        } else if (head.status() == 101) {
            listener.switched(head, this);
        } else {
            listener.responseHead(head);
        }
    }

    /** Ends the exchange. The listener then gives the connection back or discards it. */
    private void responseEnd(BodyEnd end) {
        BodyListener last = bodyListener;
        stopListening();
        if (last != null) {
            last.responseEnd(end);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        Listener listener = listener();
        if (listener != null) {
            listener.readComplete();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        Listener listener = listener();
        if (listener != null) {
            listener.writabilityChanged();
        }
    }

    private @Nullable Listener listener() {
        return headListener != null ? headListener : bodyListener;
    }

    private void stopListening() {
        headListener = null;
        bodyListener = null;
    }

    // the end of an exchange

    /**
     * Gives the connection back after a whole exchange. It serves the next one unless the pool has no use for it. A
     * connection that holds bytes does not: bytes behind a response would be taken for the next one, and the backend may
     * never read the rest of a request that it answered early. Nor does one on which somebody may be logged in.
     */
    @Override
    public void giveBack() {
        assert channel.eventLoop().inEventLoop();
        stopListening();
        reused = true;
        if (loginTried || loginOffered || holdsBytes()) {
            discard();
        } else {
            gate.open();
            pool.giveBack(this);
        }
    }

    private boolean holdsBytes() {
        return !decoder.isIdle() || writeProgress() != 0;
    }

    @Override
    public boolean keep() {
        if (!loginOffered || holdsBytes() || !isAlive() || !pool.keepsConnections()) {
            return false;
        }
        stopListening();
        reused = true;
        gate.open();
        pool.kept(this);
        return true;
    }

    @Override
    public boolean resume(boolean upgrade) {
        return pool.resumed(this, upgrade) && isAlive();
    }

    /** Closes the connection: it is in the middle of something that nobody wants to finish. */
    @Override
    public void discard() {
        assert channel.eventLoop().inEventLoop();
        stopListening();
        close();
    }

    @Override
    public void switchTo(ChannelHandler last) {
        assert channel.eventLoop().inEventLoop();
        stopListening();
        // a listener that held on to this object would keep it for as long as the tunnel lives
        BackendPool counts = pool;
        boolean tunnel = endUpgrade();
        channel.closeFuture().addListener(closed -> counts.socketFreed(tunnel));
        channel.pipeline().replace(this, null, last);
        channel.pipeline().remove(decoder);
    }

    @Override
    public Channel channel() {
        return channel;
    }

    /** Closes the connection. The listener stays, and {@link #channelInactive} tells it. */
    private void close() {
        closing = true;
        channel.close();
    }

    // what the pool asks

    /** The connection is open, and the pool's from now on. */
    void established() {
        established = true;
    }

    /** Whether it can be used; TLS takes some time to close. */
    boolean isAlive() {
        return takesBytes() && !closing;
    }

    private boolean takesBytes() {
        return channel.isActive() && !(channel instanceof DuplexChannel duplex && duplex.isOutputShutdown());
    }

    /** Whether the backend may have closed it meanwhile: it has served before, or has been idle. */
    boolean isReused() {
        return reused;
    }

    /** The pool counts the connection as a tunnel from now on. */
    void beginUpgrade() {
        upgrading = true;
    }

    /** Returns whether the pool counted the connection as a tunnel until now. */
    boolean endUpgrade() {
        boolean was = upgrading;
        upgrading = false;
        return was;
    }

    long idleSinceNanos() {
        return idleSinceNanos;
    }

    void idleSince(long nanos) {
        reused = true;
        idleSinceNanos = nanos;
    }

    // the end of the connection

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslCloseCompletionEvent goodbye && !goodbye.isSuccess()) {
            loss.withoutGoodbye();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        // an orderly end is the end of a body that has no other; a reset never is
        if (listener() != null && loss.isOrderly() && decoder.endsWithConnection()) {
            responseEnd(BodyEnd.PLAIN);
        } else {
            lost(loss.words());
        }
        closing = true;
        if (established) {
            pool.closed(this);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof ClosedChannelException) {
            // a write failed because of an end that the listener has been told, or will be
            return;
        }
        loss.failed(cause);
        if (cause instanceof ChannelOutputShutdownException) {
            // the backend takes no more; it may have answered before, and its end follows
            return;
        }
        if (DirectMemory.isExhausted(cause)) {
            outOfMemory();
            return;
        }
        if (!(cause instanceof IOException || cause.getCause() instanceof SSLException)) {
            loss.workerFailed();
            log.error("closing a connection to a backend: unexpected {}", cause.toString(), cause);
        }
        close();
    }

    /** The backend is not to blame. */
    private void outOfMemory() {
        pool.outOfMemory();
        Listener told = listener();
        stopListening();
        close();
        if (told != null) {
            told.failed(new UpstreamFailure.NoMemory("no memory left"));
        }
    }

    /** Tells the exchange, if there is one, that the connection is lost. */
    private void lost(String cause) {
        Listener told = listener();
        stopListening();
        if (told != null) {
            told.failed(loss.failure(cause, decoder, reused, sent));
        }
    }
}
