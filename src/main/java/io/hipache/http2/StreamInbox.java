package io.hipache.http2;

import io.hipache.http.BodyEnd;
import io.hipache.net.KeptBytes;
import io.netty.buffer.ByteBuf;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Holds a part of a request's body until its reader takes it. Small pieces that arrive together are passed on together, but
 * for the first one: each costs everybody behind more than its bytes. Bytes that wait here are not given back to the client's
 * window, so no more than one window of them can wait. Confined to the event loop.
 */
final class StreamInbox {
    /** Pieces below this length are gathered, up to as many bytes as {@link #MOST_GATHERED}. */
    private static final int SMALL = 1024;

    private static final int MOST_GATHERED = 8 * SMALL;

    private final IntConsumer consumed;
    private final IntConsumer kept;
    /** Small pieces of this turn, behind those that were passed on and before those that wait. */
    private @Nullable ByteBuf gathered;

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
            if (passedOn && bytes.readableBytes() < SMALL) {
                gather(bytes);
                return true;
            }
            passOnGathered();
            if (open) {
                passedOn = true;
                // the bytes may wait behind others on their way to the backend
                listener.body(KeptBytes.compact(bytes));
                return true;
            }
        }
        passOnGathered();
        int more = bytes.readableBytes();
        waiting.add(bytes);
        kept.accept(more);
        return false;
    }

    private void gather(ByteBuf bytes) {
        ByteBuf before = gathered;
        if (before != null && before.writableBytes() < bytes.readableBytes()) {
            passOnGathered();
            before = null;
        }
        if (before == null) {
            before = bytes.alloc().buffer(MOST_GATHERED, MOST_GATHERED);
            gathered = before;
        }
        before.writeBytes(bytes);
        bytes.release();
    }

    /** The reader gets them even when it has had enough meanwhile: they have been given back to the client's window. */
    private void passOnGathered() {
        ByteBuf bytes = gathered;
        gathered = null;
        if (bytes != null && listener != null) {
            listener.body(KeptBytes.compact(bytes));
        }
    }

    void end(BodyEnd bodyEnd) {
        if (discarding) {
            return;
        }
        passOnGathered();
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
            passOnGathered();
            passedOn = false;
            listener.readComplete();
        }
    }

    /** Pauses or resumes the reader. Bytes that wait are passed on first. */
    void read(boolean on) {
        open = on;
        if (on) {
            passOnGathered();
        }
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
        if (gathered != null) {
            gathered.release();
            gathered = null;
        }
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
