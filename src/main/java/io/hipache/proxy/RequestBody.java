package io.hipache.proxy;

import io.hipache.http.BodyEnd;
import io.hipache.http.Framing;
import io.hipache.net.KeptBytes;
import io.hipache.net.ReadGate;
import io.hipache.net.ReadGate.Reason;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The body of one request on its way to a backend: it waits here until an attempt is connected, and stays here, as long
 * as it is small and no response has begun, in case another attempt needs it from the start. Confined to the event loop.
 */
final class RequestBody {
    /** The most that is kept for another attempt, in bytes. */
    static final int LONGEST_REPLAY = 64 * 1024;

    /** Where the body goes: the current attempt. */
    interface Sink {
        /** Bytes, owned by the callee. */
        void body(ByteBuf bytes);

        void bodyEnd(BodyEnd end);
    }

    private final ReadGate clientGate;
    private final KeptBytes kept = new KeptBytes();
    private boolean keeping = true;
    private boolean begun;
    private @Nullable Sink sink;
    private @Nullable BodyEnd end;

    /** @param framing of the request; an empty body is complete from the start */
    RequestBody(ReadGate clientGate, Framing framing) {
        this.clientGate = clientGate;
        this.end = framing.isEmpty() ? BodyEnd.PLAIN : null;
    }

    /** The next bytes from the client, whose owner this becomes. */
    void add(ByteBuf bytes) {
        begun = true;
        if (!keeping) {
            if (sink == null) {
                bytes.release();
            } else {
                sink.body(bytes);
            }
            return;
        }
        if (sink != null) {
            ByteBuf forSink = bytes.retainedDuplicate();
            kept.add(bytes);
            sink.body(forSink);
            dropIfTooLong();
            return;
        }
        kept.add(bytes);
        if (kept.length() >= LONGEST_REPLAY) {
            clientGate.pause(Reason.NO_BACKEND);
        }
    }

    void finish(BodyEnd bodyEnd) {
        end = bodyEnd;
        if (sink != null) {
            sink.bodyEnd(bodyEnd);
        }
    }

    /** Whether the client has sent some of it. */
    boolean isBegun() {
        return begun;
    }

    /** Whether the client has sent all of it. */
    boolean isComplete() {
        return end != null;
    }

    /** Whether all of it that has come so far can be sent once more. */
    boolean isReplayable() {
        return keeping;
    }

    /** Sends everything that has come so far to {@code next}, and what comes from now on. */
    void attach(Sink next) {
        if (!keeping) {
            throw new IllegalStateException("the start of the body is gone");
        }
        sink = next;
        kept.forEach(bytes -> next.body(bytes.retainedDuplicate()));
        dropIfTooLong();
        if (end != null) {
            next.bodyEnd(end);
        }
        clientGate.resume(Reason.NO_BACKEND);
    }

    /** The attempt is over; the next one starts from the first byte. */
    void detach() {
        sink = null;
    }

    /** No other attempt will come: what was kept is not needed any more. */
    void stopKeeping() {
        keeping = false;
        kept.clear();
    }

    /** The exchange is over: whatever still comes is thrown away. */
    void release() {
        detach();
        stopKeeping();
        clientGate.resume(Reason.NO_BACKEND);
    }

    private void dropIfTooLong() {
        if (kept.length() > LONGEST_REPLAY) {
            stopKeeping();
        }
    }
}
