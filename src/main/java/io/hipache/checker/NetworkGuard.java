package io.hipache.checker;

import io.hipache.messages.Quantity;
import io.hipache.probe.Prober;
import io.hipache.probe.Question;
import io.hipache.probe.Target;
import io.hipache.probe.Verdict;
import io.hipache.probe.Verdict.Network;
import io.hipache.routing.Backend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a machine that has lost its own network from marking the whole fleet. A backend of which nothing is heard, not even a
 * refusal, is marked only when something was heard of another machine since the backend was asked. Where nothing was, some
 * witnesses are asked: backends of the same list, and others that were heard before. Envoy does not believe checks either of which
 * too many fail (panic threshold). Confined to the checker's thread.
 */
final class NetworkGuard {

    private static final Logger LOG = LoggerFactory.getLogger(NetworkGuard.class);

    private static final int MOST_WITNESSES = 3;
    private static final int MOST_REMEMBERED = 16;
    private static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

    private final Prober prober;
    private final Timer timer;
    private final Question question;
    private final Runnable whenHeard;
    private final Set<Backend> heard = new LinkedHashSet<>();
    private long heardAt;
    private long soughtAt;
    private boolean sought;
    private boolean waiting;
    private boolean doubted;
    private int underWay;

    /** @param whenHeard is called when marks that had to wait need not wait any more */
    NetworkGuard(Prober prober, Timer timer, Question question, Runnable whenHeard) {
        this.prober = prober;
        this.timer = timer;
        this.question = question;
        this.whenHeard = whenHeard;
    }

    /** Takes what the network has done in a probe. */
    void told(Backend backend, Verdict verdict) {
        if (verdict.network() != Network.WORKS) {
            return;
        }
        heardAt = System.nanoTime();
        heard.remove(backend);
        heard.add(backend);
        if (heard.size() > MOST_REMEMBERED) {
            Iterator<Backend> eldest = heard.iterator();
            eldest.next();
            eldest.remove();
        }
        if (doubted) {
            doubted = false;
            LOG.info("active checks: {} can be reached again, and backends are marked again", backend);
        }
        if (waiting) {
            waiting = false;
            timer.run(whenHeard);
        }
    }

    /** Whether a mark has to wait, because this machine may be the one that is cut off. */
    boolean doubts(Check check) {
        return check.isSilent() && (heard.isEmpty() || heardAt - check.askedAt() < 0);
    }

    /** Whether witnesses were sought a moment ago. */
    boolean seeks() {
        return underWay > 0 || (sought && System.nanoTime() - soughtAt < PAUSE_NANOS);
    }

    /**
     * Asks witnesses where there are any.
     *
     * @param silent the hosts of which nothing is heard
     * @param neighbours backends of the same list
     * @return whether the mark has to wait
     */
    boolean seek(Set<String> silent, Collection<Backend> neighbours) {
        Set<Backend> all = new LinkedHashSet<>(neighbours);
        all.addAll(heard);
        List<Backend> witnesses = new ArrayList<>(all);
        witnesses.removeIf(backend -> silent.contains(backend.host()));
        if (witnesses.isEmpty() && silent.size() < 2) {
            // one machine, and nobody to compare it with
            return false;
        }
        waiting = true;
        sought = true;
        soughtAt = System.nanoTime();
        if (witnesses.isEmpty()) {
            doubt(silent);
            return true;
        }
        Collections.shuffle(witnesses);
        List<Backend> asked = witnesses.subList(0, Math.min(MOST_WITNESSES, witnesses.size()));
        underWay = asked.size();
        for (Backend witness : asked) {
            prober.ask(new Target(witness, question), verdict -> timer.run(() -> answered(witness, verdict, silent)));
        }
        return true;
    }

    private void answered(Backend witness, Verdict verdict, Set<String> silent) {
        underWay--;
        told(witness, verdict);
        if (underWay == 0 && waiting) {
            doubt(silent);
        }
    }

    private void doubt(Set<String> silent) {
        if (!doubted) {
            doubted = true;
            LOG.warn(
                    "active checks: nothing is heard of {}{}, and of no other backend: this machine may have lost its network, so no"
                            + " backend is marked until one is heard",
                    silent.iterator().next(),
                    silent.size() == 1
                            ? ""
                            : " and " + Quantity.of(silent.size() - 1, "more machine", "more machines"));
        }
    }
}
