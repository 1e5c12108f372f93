package io.hipache.upstream;

import io.hipache.http.ResponseDecoder;
import io.hipache.net.ReadGate;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/** One connection to a backend, used for one exchange at a time. Confined to the event loop. */
public final class UpstreamConnection {
    private final Channel channel;
    private final ResponseDecoder decoder;
    private final BackendPool pool;
    private final ReadGate gate;
    private @Nullable UpstreamListener listener;
    private boolean reused;
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
        decoder.expect(toHead);
    }

    /** Writes and takes over {@code bytes}. */
    public void write(ByteBuf bytes) {
        channel.write(bytes, channel.voidPromise());
    }

    public void flush() {
        channel.flush();
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

    /** Whether a byte of the response has arrived. */
    public boolean responseBegun() {
        return decoder.begun();
    }

    /** Bytes that were written and still wait for the kernel to take them. */
    public long unsentBytes() {
        return channel.isWritable() ? 0 : channel.bytesBeforeWritable();
    }

    /** Gives the connection back after a whole exchange; it serves the next one unless the pool has no use for it. */
    public void giveBack() {
        assert channel.eventLoop().inEventLoop();
        listener = null;
        reused = true;
        if (decoder.isIdle()) {
            pool.giveBack(this);
        } else {
            // bytes behind the response: the next exchange would take them for its own
            channel.close();
        }
    }

    /** Closes the connection: it is in the middle of something that nobody wants to finish. */
    public void discard() {
        assert channel.eventLoop().inEventLoop();
        listener = null;
        channel.close();
    }

    boolean isAlive() {
        return channel.isActive();
    }

    boolean isReused() {
        return reused;
    }

    long idleSinceNanos() {
        return idleSinceNanos;
    }

    void idleSince(long nanos) {
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
        return reused ? new UpstreamFailure.StaleConnection(cause) : new UpstreamFailure.NoResponse(cause);
    }

    void closed() {
        pool.closed(this);
    }
}
