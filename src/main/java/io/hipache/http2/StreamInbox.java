package io.hipache.http2;

import io.hipache.http.BodyEnd;
import io.hipache.net.KeptBytes;
import io.netty.buffer.ByteBuf;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request between its stream and whoever reads it. What waits here is not given back to the client's
 * window, so no more than a window can wait. Confined to the event loop.
 */
final class StreamInbox {
    private final IntConsumer consumed;
    private final KeptBytes waiting = new KeptBytes();
    private @Nullable StreamListener listener;
    private @Nullable BodyEnd end;
    private boolean open = true;
    private boolean delivering;
    private boolean discarding;
    /** Whether bytes have been passed on since the listener was told that they are all for now. */
    private boolean passedOn;

    /** @param consumed told how many bytes that had to wait have been passed on */
    StreamInbox(IntConsumer consumed) {
        this.consumed = consumed;
    }

    void deliverTo(StreamListener reader) {
        listener = reader;
    }

    /**
     * Takes over bytes of the body.
     *
     * @return whether they have been passed on, or thrown away; else {@code consumed} is told later
     */
    boolean add(ByteBuf bytes) {
        if (discarding || listener == null || !bytes.isReadable()) {
            bytes.release();
            return true;
        }
        if (open && waiting.isEmpty()) {
            passedOn = true;
            // it may wait behind others on its way to the backend
            listener.body(KeptBytes.compact(bytes));
            return true;
        }
        waiting.add(bytes);
        return false;
    }

    void end(BodyEnd bodyEnd) {
        if (discarding) {
            return;
        }
        end = bodyEnd;
        if (open && waiting.isEmpty()) {
            deliverEnd();
        }
    }

    /** The request is complete, without trailers. */
    void end() {
        end(BodyEnd.PLAIN);
    }

    /** What has arrived in this turn has been passed on. */
    void readComplete() {
        if (passedOn && listener != null) {
            passedOn = false;
            listener.readComplete();
        }
    }

    /** Turns passing on on and off; what waits is passed on first. */
    void read(boolean on) {
        open = on;
        if (!on || delivering || listener == null || (waiting.isEmpty() && end == null)) {
            return;
        }
        delivering = true;
        int length = 0;
        try {
            while (open && !waiting.isEmpty()) {
                ByteBuf bytes = waiting.remove();
                length += bytes.readableBytes();
                listener.body(bytes);
            }
        } finally {
            delivering = false;
        }
        if (waiting.isEmpty()) {
            deliverEnd();
        }
        listener.readComplete();
        consumed.accept(length);
    }

    /** Throws away what waits, and what still comes. */
    void discard() {
        discarding = true;
        end = null;
        int dropped = waiting.length();
        waiting.clear();
        consumed.accept(dropped);
    }

    private void deliverEnd() {
        BodyEnd bodyEnd = end;
        if (bodyEnd != null && listener != null) {
            end = null;
            passedOn = true;
            listener.bodyEnd(bodyEnd);
        }
    }
}
