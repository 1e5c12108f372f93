package io.hipache.checker;

import io.hipache.probe.Target;
import io.hipache.probe.Verdict;
import io.hipache.probe.Verdict.Network;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** What is known of one target, and where it is listed. Confined to the checker's thread. */
final class Check {

    /** What the checks say until now. */
    enum State {
        UNKNOWN,
        ALIVE,
        DEAD
    }

    private final Target target;
    private final String lock;
    /** Where the backend is listed, and what is said there of it. */
    private final Map<Listing, State> listings = new HashMap<>();

    private State state = State.UNKNOWN;
    private int inARow;
    private boolean lastWasGood;
    private long stableSince = System.nanoTime();
    private String fault = "";
    private boolean silent;
    private long askedAt;
    private boolean asking;
    private @Nullable Future<?> question;
    private @Nullable Future<?> refresh;

    /** @param lock the URL under which other checkers are told of this check */
    Check(Target target, String lock) {
        this.target = target;
        this.lock = lock;
    }

    String lock() {
        return lock;
    }

    Target target() {
        return target;
    }

    Map<Listing, State> listings() {
        return listings;
    }

    State state() {
        return state;
    }

    /** What the last bad answer was. */
    String fault() {
        return fault;
    }

    /** Whether nothing at all came back when the target was asked last. */
    boolean isSilent() {
        return silent;
    }

    /** When the target was asked last, by {@link System#nanoTime}. */
    long askedAt() {
        return askedAt;
    }

    /** Whether this begins a question: there is one at a time. */
    boolean beginsToAsk() {
        boolean begins = !asking;
        asking = true;
        if (begins) {
            askedAt = System.nanoTime();
        }
        return begins;
    }

    /** Ends the question. So many equal answers in a row change the state. */
    void answered(Verdict verdict, int rise, int fall) {
        asking = false;
        if (!verdict.known()) {
            return;
        }
        boolean good = verdict.isGood();
        silent = verdict.network() == Network.SILENT;
        if (verdict.fault() != null) {
            fault = verdict.fault();
        }
        inARow = good == lastWasGood ? Math.min(inARow + 1, Math.max(rise, fall)) : 1;
        lastWasGood = good;
        State next = good ? State.ALIVE : State.DEAD;
        if (state != next && inARow >= (good ? rise : fall)) {
            state = next;
            stableSince = System.nanoTime();
        }
    }

    /** For how long nothing has changed, in nanoseconds. */
    long stableNanos() {
        return System.nanoTime() - stableSince;
    }

    void asksAgain(Future<?> next) {
        question = next;
    }

    void refreshesAgain(Future<?> next) {
        refresh = next;
    }

    void stop() {
        if (question != null) {
            question.cancel(false);
        }
        if (refresh != null) {
            refresh.cancel(false);
        }
    }
}
