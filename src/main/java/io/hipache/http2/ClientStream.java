package io.hipache.http2;

import io.hipache.net.KernelOutput;
import io.hipache.net.Output;
import io.hipache.net.ReadGate;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/**
 * One stream of a client. Its request arrives through a {@link StreamInbox}. Its response leaves as fast as the
 * client's windows allow (RFC 9113 §5.2). Confined to the event loop.
 */
public final class ClientStream implements Output {
    /** The stream stops being writable when this many bytes wait for the client. */
    private static final int HIGH_WATER = 64 * 1024;

    /** The stream is writable again when no more than this many bytes wait for the client. */
    private static final int LOW_WATER = 32 * 1024;

    /** About what each write occupies beside its bytes while it waits, so that many small ones do not pile up. */
    private static final int WRITE = 256;

    private final FrameHandler connection;
    private final Http2Stream stream;
    private final StreamInbox inbox;
    private final ReadGate gate;
    private final StreamListener listener;
    /** Bytes that were written and that have not left yet, and {@link #WRITE} for each write. */
    private long waiting;
    /** The same of what has left, since the stream was opened. */
    private long taken;

    private boolean writable = true;
    /** The listener has finished with the stream, so it is not told when the stream closes. */
    private boolean ended;

    private @Nullable ChannelFuture lastWrite;

    ClientStream(FrameHandler connection, Http2Stream stream, ListenerFactory listenerFactory) {
        this.connection = connection;
        this.stream = stream;
        this.inbox = new StreamInbox(consumed -> connection.consumed(stream, consumed), connection::kept);
        this.gate = new ReadGate(connection.channel(), inbox::read);
        this.listener = listenerFactory.create(this);
        inbox.deliverTo(listener);
    }

    /** Creates the listener of a stream. */
    interface ListenerFactory {
        StreamListener create(ClientStream stream);
    }

    /** The listener that follows this stream. */
    public StreamListener listener() {
        return listener;
    }

    StreamInbox inbox() {
        return inbox;
    }

    /** Pauses the request's body. While it is paused, the client's window for this stream does not grow. */
    public ReadGate gate() {
        return gate;
    }

    /**
     * A new direct buffer from the connection's allocator, owned by the caller.
     *
     * @param bytes its initial capacity
     */
    public ByteBuf buffer(int bytes) {
        return connection.channel().alloc().directBuffer(bytes);
    }

    /**
     * Writes a head, or the trailers, without flushing.
     *
     * @param block the status and fields, or the trailers
     * @param end whether the response ends with this block
     */
    public void writeHead(ResponseBlock block, boolean end) {
        // flow control does not limit header blocks, so answers without a body could pile up: count their bytes too
        written(block.length(), connection.writeHeaders(stream, block.headers(), end));
    }

    /**
     * Writes a part of the response's body without flushing. The stream takes over {@code bytes}.
     *
     * @param end whether the response ends with these bytes
     */
    public void write(ByteBuf bytes, boolean end) {
        int length = bytes.readableBytes();
        written(length, connection.writeData(stream, bytes, end));
    }

    private void written(int bytes, ChannelFuture write) {
        int length = bytes + WRITE;
        waiting += length;
        connection.waits(length);
        lastWrite = write;
        if (write.isDone()) {
            sent(length);
        } else {
            write.addListener(done -> sent(length));
        }
        if (writable && waiting >= (connection.isFull() ? 1 : HIGH_WATER)) {
            writable = false;
        }
    }

    private void sent(int length) {
        waiting -= length;
        connection.waits(-length);
        taken += length;
        if (!writable && waiting <= (connection.isFull() ? 0 : LOW_WATER)) {
            writable = true;
            listener.writabilityChanged();
        }
    }

    /**
     * Sends the written frames: at once when too many bytes wait, otherwise together with the frames of other streams,
     * at the end of this turn of the event loop.
     */
    public void flush() {
        if (writable) {
            connection.flushSoon();
        } else {
            connection.flushNow();
        }
    }

    /**
     * Whether the client takes more of the response for now: fewer than 64 KiB wait for it, or not more than 32 KiB
     * after it fell behind. Where all streams of the connection together have too much waiting, nothing of this one does.
     */
    public boolean isWritable() {
        return writable;
    }

    /** A number that changes whenever the client takes some of the bytes that wait for it. 0 when no bytes wait. */
    @Override
    public long writeProgress() {
        // progress is made when the kernel takes bytes, and when the client enlarges its window
        return waiting == 0 ? 0 : 1 + 31 * taken + connection.window(stream);
    }

    /**
     * The nanoseconds of {@link KernelOutput#nanosSinceSent}, or {@link Long#MAX_VALUE} when the stream's own window is
     * closed: then the bytes wait for the client's permission and not for the network.
     */
    @Override
    public long nanosSinceSent() {
        return connection.window(stream) > 0 ? KernelOutput.nanosSinceSent(connection.channel()) : Long.MAX_VALUE;
    }

    /**
     * Throws the rest of the request away. A reset without error behind the response tells the client so (RFC 9113
     * §8.1).
     */
    public void refuseRest() {
        ended = true;
        inbox.discard();
        if (lastWrite != null) {
            lastWrite.addListener(written -> reset(Http2Error.NO_ERROR));
        }
    }

    /** Marks request and response as complete. The client gets back what a lost stream would have cost it. */
    public void completed() {
        ended = true;
        connection.earn(FrameBudget.LOST_STREAM);
    }

    /**
     * Resets the stream at once, so that the client does not take the part of the response it has for a complete one.
     */
    public void cut() {
        ended = true;
        reset(Http2Error.INTERNAL_ERROR);
    }

    /** As {@link #cut}, behind what the client's windows allow of what was written. */
    public void breakOff() {
        connection.flushNow();
        cut();
    }

    private void reset(Http2Error error) {
        inbox.discard();
        connection.reset(stream, error);
    }

    void closed() {
        inbox.discard();
        if (!ended) {
            // later and not now: perhaps the listener itself has just written, and that write found the stream closed
            connection.channel().eventLoop().execute(listener::closed);
        }
    }
}
