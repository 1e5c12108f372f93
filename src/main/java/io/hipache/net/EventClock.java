package io.hipache.net;

import io.netty.util.concurrent.FastThreadLocal;

/**
 * The time as {@link System#nanoTime}, read once for each event of a socket. A request notes the time some fifteen times in its
 * two events, and each reading of the system's clock costs as much as parsing a field. Outside such an event, in a timer or a
 * task, the system's clock answers. So the time is never older than what the thread does just now.
 *
 * <p>Not for deciding which of two things came first. For any thread; one event loop sees one time.
 */
public final class EventClock {
    private static final FastThreadLocal<EventClock> OF_THREAD = new FastThreadLocal<>() {
        @Override
        protected EventClock initialValue() {
            return new EventClock();
        }
    };

    private boolean inEvent;
    private long nanos;

    private EventClock() {}

    /** When the event began that this thread handles, else now. In nanoseconds, as {@link System#nanoTime}. */
    public static long nanoTime() {
        EventClock clock = OF_THREAD.get();
        return clock.inEvent ? clock.nanos : System.nanoTime();
    }

    /** The clock of this thread. */
    static EventClock ofThread() {
        return OF_THREAD.get();
    }

    /** An event of a socket begins. Events do not contain each other. */
    void eventBegins() {
        nanos = System.nanoTime();
        inEvent = true;
    }

    void eventEnds() {
        inEvent = false;
    }
}
