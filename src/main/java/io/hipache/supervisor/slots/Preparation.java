package io.hipache.supervisor.slots;

import io.hipache.link.WorkerMessage;
import io.hipache.supervisor.common.Scheduler;
import io.hipache.supervisor.common.SupervisorThread;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Has living workers build one configuration beside the one that they follow. All of them then follow it
 * ({@link #switchAll}), or none ({@link #discard}). Confined to the {@link SupervisorThread}.
 */
final class Preparation {
    /** How long a worker may take to answer. A hung worker is noticed only after this, see {@link Heartbeat}. */
    static final Duration LIMIT = Duration.ofSeconds(7);

    private final Generation wanted;
    private final Scheduler scheduler;
    private final Runnable onTimeout;
    private final Set<SlotWorker> asked = new LinkedHashSet<>();
    private final Set<SlotWorker> prepared = new HashSet<>();
    private @Nullable String problem;
    private String storeProblem = "";
    private boolean over;

    /** @param onTimeout runs when a worker has not answered in time */
    Preparation(Generation wanted, Scheduler scheduler, Runnable onTimeout) {
        this.wanted = wanted;
        this.scheduler = scheduler;
        this.onTimeout = onTimeout;
    }

    Generation wanted() {
        return wanted;
    }

    /** Asks one more worker, unless it was asked already. */
    void ask(SlotWorker worker) {
        if (!asked.add(worker)) {
            return;
        }
        worker.prepare(wanted);
        scheduler.later(LIMIT, () -> {
            if (isAwaited(worker)) {
                fail(worker + " has not prepared the new configuration within " + LIMIT.toSeconds() + " s");
                onTimeout.run();
            }
        });
    }

    /** Takes an answer of a worker. Ignores every other message, and answers about another configuration. */
    void received(SlotWorker worker, WorkerMessage message) {
        if (!isAwaited(worker)) {
            return;
        }
        if (message instanceof WorkerMessage.Prepared answer && answer.number() == wanted.number()) {
            prepared.add(worker);
            storeProblem = storeProblem.isEmpty() ? answer.storeProblem() : storeProblem;
        } else if (message instanceof WorkerMessage.Refused answer && answer.number() == wanted.number()) {
            fail(worker + " cannot use the new configuration: " + answer.reason());
        }
    }

    /** The worker is dead. That does not matter when it had prepared: its replacement catches up. */
    void died(SlotWorker worker) {
        if (isAwaited(worker)) {
            fail(worker + " died while it prepared the new configuration");
        }
        asked.remove(worker);
    }

    /** The worker was replaced by another one, and keeps the configuration that it follows. */
    void leaves(SlotWorker worker) {
        if (!over && asked.remove(worker)) {
            worker.discard(wanted);
        }
    }

    private boolean isAwaited(SlotWorker worker) {
        return !over && asked.contains(worker) && !prepared.contains(worker);
    }

    private void fail(String why) {
        problem = problem == null ? why : problem;
    }

    /** Why the configuration cannot be used, null as far as is known. */
    @Nullable
    String problem() {
        return problem;
    }

    /** Why a worker cannot use the store of the configuration, as none can use the present one; empty as far as is known. */
    String storeProblem() {
        return storeProblem;
    }

    /** Whether every worker that was asked and lives can follow the configuration at once. */
    boolean isComplete() {
        return problem == null && prepared.containsAll(asked);
    }

    void switchAll() {
        over = true;
        asked.forEach(worker -> worker.follow(wanted));
        scheduler.later(LIMIT, () -> {
            asked.stream()
                    .filter(worker -> worker.isTold(wanted) && worker.generation() != wanted)
                    .forEach(worker -> worker.asksForReplacement("it does not follow the new configuration"));
            onTimeout.run();
        });
    }

    /** The workers that have not answered, or have refused, are told as well. */
    void discard() {
        over = true;
        asked.forEach(worker -> worker.discard(wanted));
    }
}
