package io.hipache.upstream;

import io.hipache.net.EventClock;
import java.time.Duration;

/** What a backend has shown lately on any connection of its pool. Confined to the event loop. */
final class SignsOfLife {

    private long answers;
    private long latestNanos = System.nanoTime() - Long.MAX_VALUE / 2;

    /** A connection came about. */
    void connected() {
        latestNanos = EventClock.nanoTime();
    }

    /** A piece of an answer arrived; not one of an interim answer. */
    void answerArrived() {
        answers++;
        latestNanos = EventClock.nanoTime();
    }

    /** A number that changes whenever a piece of an answer arrives. */
    long answers() {
        return answers;
    }

    /** Whether there was a sign after {@code nanos}. One in the very event that began then came before. */
    boolean isAfter(long nanos) {
        return latestNanos - nanos > 0;
    }

    /** Whether there was a sign within the last {@code time}. */
    boolean isWithin(Duration time) {
        return System.nanoTime() - latestNanos < time.toNanos();
    }
}
