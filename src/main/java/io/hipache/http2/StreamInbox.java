package io.hipache.http2;

import io.hipache.http.BodyEnd;
import io.hipache.net.KeptBytes;
import io.netty.buffer.ByteBuf;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Holds a part of a request's body until its reader takes it. Bytes that wait here are not given back to the client's
 * window, so no more than one window of them can wait. Confined to the event loop.
 */
final class StreamInbox {
    private final IntConsumer consumed;
    private final IntConsumer kept;
    private final KeptBytes waiting = new KeptBytes();
    private @Nullable StreamListener listener;
    private @Nullable BodyEnd end;
    private boolean open = true;
    private boolean delivering;
    private boolean discarding;
    /** Whether bytes were passed on after the last call of {@link StreamListener#readComplete}. */
    private boolean passedOn;

    /**
     * @param consumed gets the number of bytes that had to wait and that have now been passed on or dropped
     * @param kept gets how many bytes more wait, or how many fewer as a negative number
     */
    StreamInbox(IntConsumer consumed, IntConsumer kept) {
        this.consumed = consumed;
        this.kept = kept;
    }

    void deliverTo(StreamListener reader) {
        listener = reader;
    }

    /**
     * Takes over bytes of the body.
     *
     * @return true when they were passed on or thrown away; false when they wait, and are reported to {@code consumed}
     *     later
     */
    boolean add(ByteBuf bytes) {
        if (discarding || listener == null || !bytes.isReadable()) {
            bytes.release();
            return true;
        }
        if (open && waiting.isEmpty()) {
            passedOn = true;
            // the bytes may wait behind others on their way to the backend
            listener.body(KeptBytes.compact(bytes));
            return true;
        }
        int more = bytes.readableBytes();
        waiting.add(bytes);
        kept.accept(more);
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

    /** To be called when all bytes that arrived in this turn have been passed on. */
    void readComplete() {
        if (passedOn && listener != null) {
            passedOn = false;
            listener.readComplete();
        }
    }

    /** Pauses or resumes the reader. Bytes that wait are passed on first. */
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
        kept.accept(-length);
    }

    /** Throws away the bytes that wait and all that still arrive. */
    void discard() {
        discarding = true;
        end = null;
        int dropped = waiting.length();
        waiting.clear();
        consumed.accept(dropped);
        kept.accept(-dropped);
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
