package io.hipache.proxy.exchange;

import io.hipache.admission.Admission;
import io.hipache.http.BodyEnd;
import io.hipache.http.Framing;
import io.hipache.net.KeptBytes;
import io.hipache.net.ReadGate;
import io.hipache.net.ReadGate.Reason;
import io.hipache.upstream.RequestSink;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The body of one request on its way to a backend. It waits here until an attempt is connected. It also stays here in case
 * another attempt needs it from the start, as long as it is small and no response has begun. The client is not read while
 * the backend takes no more. Confined to the event loop.
 */
public final class RequestBody {
    /** The most that is kept for another attempt, in bytes. */
    static final int LONGEST_REPLAY = 64 * 1024;

    private final ReadGate clientGate;
    private final Admission admission;
    private final KeptBytes kept = new KeptBytes();
    private boolean keeping = true;
    private long received;
    private int counted;
    private @Nullable RequestSink sink;
    private @Nullable BodyEnd end;

    /**
     * @param framing of the request; an empty body is complete from the start
     * @param admission says whether bytes may be kept
     */
    RequestBody(ReadGate clientGate, Framing framing, Admission admission) {
        this.clientGate = clientGate;
        this.admission = admission;
        this.end = framing.isEmpty() ? BodyEnd.PLAIN : null;
    }

    /** Takes over the next bytes from the client. */
    public void add(ByteBuf bytes) {
        received += bytes.readableBytes();
        if (!keeping) {
            if (sink == null) {
                bytes.release();
            } else {
                pass(bytes, sink);
            }
            return;
        }
        if (sink != null) {
            ByteBuf forSink = bytes.retainedDuplicate();
            keep(bytes);
            pass(forSink, sink);
            dropIfTooLong();
            return;
        }
        keep(bytes);
        if (kept.length() >= LONGEST_REPLAY || !admission.admitsBodyBytes()) {
            clientGate.pause(Reason.NO_BACKEND);
        }
    }

    private void keep(ByteBuf bytes) {
        kept.add(bytes);
        count();
    }

    private void count() {
        admission.bodyBytesKept(kept.length() - counted);
        counted = kept.length();
    }

    private void pass(ByteBuf bytes, RequestSink to) {
        to.body(bytes);
        if (!to.isWritable()) {
            // what waits must move, or the connection would never become writable again
            to.flush();
        }
        sinkWritabilityChanged();
    }

    /** The backend takes more bytes, or does not for now: reads the client accordingly. */
    void sinkWritabilityChanged() {
        if (isTaken()) {
            clientGate.resume(Reason.SINK_FULL);
        } else {
            clientGate.pause(Reason.SINK_FULL);
        }
    }

    /** Whether nothing of it waits for a backend that takes no more. */
    boolean isTaken() {
        return sink == null || sink.isWritable();
    }

    /** The client has sent all of it. */
    public void finish(BodyEnd bodyEnd) {
        end = bodyEnd;
        if (sink != null) {
            sink.bodyEnd(bodyEnd);
        }
    }

    /** The client's bytes so far have been passed on: time to flush. */
    public void readComplete() {
        if (sink != null) {
            sink.flush();
        }
    }

    /** How many bytes the client has sent. */
    long received() {
        return received;
    }

    /** Whether the client has sent all of it. */
    public boolean isComplete() {
        return end != null;
    }

    /** Whether all of it that has come so far can be sent once more. */
    boolean isReplayable() {
        return keeping;
    }

    /** Sends everything that has come so far to {@code next}, and what comes from now on. */
    void attach(RequestSink next) {
        if (!keeping) {
            throw new IllegalStateException("the start of the body is gone");
        }
        sink = next;
        kept.forEach(bytes -> pass(bytes.retainedDuplicate(), next));
        dropIfTooLong();
        if (end != null) {
            next.bodyEnd(end);
        }
        clientGate.resume(Reason.NO_BACKEND);
    }

    /** The attempt is over; the next one starts from the first byte. */
    void detach() {
        sink = null;
        // nobody else would: the connection that held the client back is about to go
        clientGate.resume(Reason.SINK_FULL);
    }

    /** No other attempt will come: what was kept is not needed any more. */
    void stopKeeping() {
        keeping = false;
        kept.clear();
        count();
    }

    /** The exchange is over: whatever still comes is thrown away. */
    void release() {
        detach();
        stopKeeping();
        clientGate.resume(Reason.NO_BACKEND);
    }

    private void dropIfTooLong() {
        if (kept.length() > LONGEST_REPLAY || !admission.admitsBodyBytes()) {
            stopKeeping();
        }
    }
}
