package io.hipache.testing;

import java.io.EOFException;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A response body that is sent piece by piece, when the test says so. Usable for one response. */
public final class Drip {
    private static final int LOOK_UP_MILLIS = 20;

    /** The next action, run on the thread of the connection. */
    private interface Step {
        /** Returns whether more actions follow. */
        boolean take(Wire wire, boolean chunked) throws IOException;
    }

    private final BlockingQueue<Step> steps = new LinkedBlockingQueue<>();
    private final CountDownLatch abandoned = new CountDownLatch(1);

    /** Sends a piece. In a chunked body the piece is one chunk. */
    public Drip send(String latin1) {
        steps.add((wire, chunked) -> {
            wire.send(chunked ? Integer.toHexString(latin1.length()) + "\r\n" + latin1 + "\r\n" : latin1);
            return true;
        });
        return this;
    }

    /** Ends the body as its framing requires. */
    public void end() {
        steps.add((wire, chunked) -> {
            if (chunked) {
                wire.send("0\r\n\r\n");
            }
            return false;
        });
    }

    /** Closes the connection in an orderly way, at any point of the body. */
    public void cut() {
        steps.add((wire, chunked) -> {
            wire.finish();
            return false;
        });
    }

    /** Resets the connection. */
    public void reset() {
        steps.add((wire, chunked) -> {
            wire.reset();
            return false;
        });
    }

    /** Waits until the receiver of the body has closed the connection. */
    public void awaitAbandoned() {
        Patience.await(abandoned, "the receiver of a dripping body to leave");
    }

    void run(Wire wire, boolean chunked) throws IOException {
        try {
            for (boolean more = true; more; ) {
                Step next = steps.poll(LOOK_UP_MILLIS, TimeUnit.MILLISECONDS);
                if (next != null) {
                    more = next.take(wire, chunked);
                } else if (wire.left()) {
                    abandoned.countDown();
                    throw new EOFException("the receiver has left");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EOFException("interrupted");
        }
    }
}
