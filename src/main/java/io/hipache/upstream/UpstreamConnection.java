package io.hipache.upstream;

import io.hipache.http.ResponseDecoder;
import io.hipache.net.KernelOutput;
import io.hipache.net.ReadGate;
import io.hipache.net.WaitingOutput;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.socket.DuplexChannel;
import org.jspecify.annotations.Nullable;

/** One connection to a backend, used for one exchange at a time. Confined to the event loop. */
public final class UpstreamConnection {
    private final Channel channel;
    private final ResponseDecoder decoder;
    private final BackendPool pool;
    private final ReadGate gate;
    private @Nullable UpstreamListener listener;
    private boolean established;
    private boolean closing;
    private boolean reused;
    private boolean sent;
    private long idleSinceNanos;

    UpstreamConnection(Channel channel, ResponseDecoder decoder, BackendPool pool) {
        this.channel = channel;
        this.decoder = decoder;
        this.pool = pool;
        this.gate = new ReadGate(channel);
    }

    /** Starts an exchange; {@code toHead} when the request's method is HEAD. */
    public void begin(UpstreamListener listener, boolean toHead) {
        assert channel.eventLoop().inEventLoop();
        this.listener = listener;
        sent = false;
        decoder.expect(toHead);
    }

    /** Writes and takes over {@code bytes}. */
    public void write(ByteBuf bytes) {
        channel.write(bytes, channel.voidPromise());
    }

    public void flush() {
        channel.flush();
        // a flush that fails ends the output at once
        sent |= takesBytes();
    }

    public boolean isWritable() {
        return channel.isWritable();
    }

    public ByteBuf buffer(int bytes) {
        return channel.alloc().directBuffer(bytes);
    }

    public ReadGate gate() {
        return gate;
    }

    /** A figure that changes whenever the backend has taken some of the bytes that wait for it, 0 when none does. */
    public long writeProgress() {
        return WaitingOutput.progress(channel);
    }

    /** See {@link KernelOutput#nanosSinceSent}. */
    public long nanosSinceSent() {
        return KernelOutput.nanosSinceSent(channel);
    }

    /**
     * Gives the connection back after a whole exchange; it serves the next one unless the pool has no use for it. One
     * that holds bytes does not: those behind a response would be taken for the next one, and those of a request that
     * was answered early may never be read.
     */
    public void giveBack() {
        assert channel.eventLoop().inEventLoop();
        listener = null;
        reused = true;
        if (!decoder.isIdle() || writeProgress() != 0) {
            discard();
        } else {
            gate.open();
            pool.giveBack(this);
        }
    }

    /**
     * The backend has switched protocols: takes HTTP out of the way. {@code last} gets every byte behind the head of the
     * 101 and is told everything else; the pool counts the connection until it closes.
     */
    public void switchTo(ChannelHandler last) {
        assert channel.eventLoop().inEventLoop();
        listener = null;
        // not through this object, which is of no use any more and would stay as long as the connection
        BackendPool counts = pool;
        channel.closeFuture().addListener(closed -> counts.socketFreed());
        channel.pipeline().replace(UpstreamHandler.class, null, last);
        channel.pipeline().remove(decoder);
    }

    /** For who takes it over by {@link #switchTo}. */
    public Channel channel() {
        return channel;
    }

    /** Closes the connection: it is in the middle of something that nobody wants to finish. */
    public void discard() {
        assert channel.eventLoop().inEventLoop();
        listener = null;
        close();
    }

    /** Like {@link #discard}, but whoever uses the connection is told. */
    void close() {
        closing = true;
        channel.close();
    }

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

    /** Whether the backend may have got tired of it: it has served before, or has been idle. */
    boolean isReused() {
        return reused;
    }

    long idleSinceNanos() {
        return idleSinceNanos;
    }

    void idleSince(long nanos) {
        reused = true;
        idleSinceNanos = nanos;
    }

    @Nullable
    UpstreamListener listener() {
        return listener;
    }

    /** Tells the exchange, if there is one, that the connection is lost. */
    void lost(String cause) {
        UpstreamListener told = listener;
        listener = null;
        if (told != null) {
            told.failed(failure(cause));
        }
    }

    /** Hands the listener out for its last call. */
    @Nullable
    UpstreamListener endListening() {
        UpstreamListener last = listener;
        listener = null;
        return last;
    }

    private UpstreamFailure failure(String cause) {
        if (decoder.headSeen()) {
            return new UpstreamFailure.BrokenResponse(cause);
        }
        if (decoder.begun()) {
            return new UpstreamFailure.NotHttp(cause);
        }
        return reused ? new UpstreamFailure.StaleConnection(cause, sent) : new UpstreamFailure.NoResponse(cause);
    }

    /** The channel has ended. */
    void closed() {
        closing = true;
        if (established) {
            pool.closed(this);
        }
    }
}
