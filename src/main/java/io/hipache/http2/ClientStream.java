package io.hipache.http2;

import io.hipache.net.KernelOutput;
import io.hipache.net.ReadGate;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/**
 * One stream of a client: its request comes in through a {@link StreamInbox}, its response goes out as fast as the
 * client's windows let it. Confined to the event loop.
 */
public final class ClientStream {
    /** How many bytes may wait for the client before it counts as one that takes no more, and how few so that it does. */
    private static final int HIGH_WATER = 64 * 1024;

    private static final int LOW_WATER = 32 * 1024;

    private final FrameHandler connection;
    private final Http2Stream stream;
    private final StreamInbox inbox;
    private final ReadGate gate;
    private final StreamListener listener;
    private long waiting;
    private long taken;
    private boolean writable = true;
    /** The listener wants to hear no more of it. */
    private boolean ended;

    private @Nullable ChannelFuture lastWrite;

    ClientStream(FrameHandler connection, Http2Stream stream, ListenerFactory listenerFactory) {
        this.connection = connection;
        this.stream = stream;
        this.inbox = new StreamInbox(consumed -> connection.consumed(stream, consumed));
        this.gate = new ReadGate(connection.channel(), inbox::read);
        this.listener = listenerFactory.create(this);
        inbox.deliverTo(listener);
    }

    /** Makes the listener of a stream. */
    interface ListenerFactory {
        StreamListener create(ClientStream stream);
    }

    public StreamListener listener() {
        return listener;
    }

    StreamInbox inbox() {
        return inbox;
    }

    /** Holds the request's body back, and with it the stream's window. */
    public ReadGate gate() {
        return gate;
    }

    public ByteBuf buffer(int bytes) {
        return connection.channel().alloc().directBuffer(bytes);
    }

    public void writeHead(ResponseBlock block, boolean end) {
        // no window holds it back, so of interim ones there could be any number
        written(block.length(), connection.writeHeaders(stream, block.headers(), end));
    }

    /** Writes and takes over {@code bytes} of the response's body; {@code end} when they are its last. */
    public void write(ByteBuf bytes, boolean end) {
        int length = bytes.readableBytes();
        written(length, connection.writeData(stream, bytes, end));
    }

    private void written(int length, ChannelFuture write) {
        waiting += length;
        lastWrite = write;
        if (write.isDone()) {
            sent(length);
        } else {
            write.addListener(done -> sent(length));
        }
        if (writable && waiting >= HIGH_WATER) {
            writable = false;
        }
    }

    private void sent(int length) {
        waiting -= length;
        taken += length;
        if (!writable && waiting <= LOW_WATER) {
            writable = true;
            listener.writabilityChanged();
        }
    }

    /** Sends what was written: at once when too much waits, else together with what others write in this turn. */
    public void flush() {
        if (writable) {
            connection.flushSoon();
        } else {
            connection.flushNow();
        }
    }

    public boolean isWritable() {
        return writable;
    }

    /** A figure that changes whenever the client has taken some of the bytes that wait for it, 0 when none does. */
    public long writeProgress() {
        // either the kernel has taken some, or the client has opened its window further
        return waiting == 0 ? 0 : 1 + 31 * taken + connection.window(stream);
    }

    /** See {@link KernelOutput#nanosSinceSent}: only where bytes wait for the connection, and not for their window. */
    public long nanosSinceSent() {
        return connection.window(stream) > 0 ? KernelOutput.nanosSinceSent(connection.channel()) : Long.MAX_VALUE;
    }

    /** Nobody wants the rest of the request: tells the client so behind the response (RFC 9113 §8.1). */
    public void refuseRest() {
        ended = true;
        inbox.discard();
        if (lastWrite != null) {
            lastWrite.addListener(written -> reset(Http2Error.NO_ERROR));
        }
    }

    /** The response is whole, and so was the request. */
    public void completed() {
        ended = true;
        connection.earn(FrameBudget.LOST_STREAM);
    }

    /** Ends the stream at once, so that nothing sent before looks complete. */
    public void cut() {
        ended = true;
        reset(Http2Error.INTERNAL_ERROR);
    }

    private void reset(Http2Error error) {
        inbox.discard();
        connection.reset(stream, error);
    }

    void closed() {
        inbox.discard();
        if (!ended) {
            // not at once: it may be the listener itself that has written something just now, and found the stream
            // closed
            connection.channel().eventLoop().execute(listener::closed);
        }
    }
}
