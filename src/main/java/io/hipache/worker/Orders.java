package io.hipache.worker;

import io.hipache.link.WorkerMessage;
import io.hipache.link.WorkerMessages;
import io.hipache.messages.LogStyle;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the supervisor's orders, on a thread of its own. Another thread carries them out one after the other, because it may
 * have to wait for listening sockets. A ping must not wait for them too, or the supervisor would take a slow handover for a
 * hanging worker. A stop does not wait either. A configuration is prepared on a third thread: nothing waits for its store. The
 * end of the stream means that the supervisor has died. The worker then ends too.
 */
final class Orders implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(Orders.class);

    private static final Duration ORPHAN_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration LOOP_TIMEOUT = Duration.ofSeconds(2);
    /** Time for the rest of the end: emptying the queues, the last log lines, the exit of two JVMs. */
    private static final Duration FAREWELL = Duration.ofMillis(400);

    private final InputStream in;
    private final Worker worker;
    private final SupervisorLink supervisor;
    private final ExecutorService inTurn =
            Executors.newSingleThreadExecutor(new DefaultThreadFactory("orders-in-turn", true));
    /** One thread, which ends while there is nothing to do. */
    private final ExecutorService preparing = preparing();
    /** The latest, null when there is none. Confined to the thread of {@link #inTurn}. */
    private @Nullable Preparation preparation;

    Orders(InputStream in, Worker worker, SupervisorLink supervisor) {
        this.in = in;
        this.worker = worker;
        this.supervisor = supervisor;
    }

    private static ExecutorService preparing() {
        ThreadPoolExecutor threads = new ThreadPoolExecutor(
                1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), new DefaultThreadFactory("preparing", true));
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    @Override
    public void run() {
        try {
            for (WorkerMessage order = WorkerMessages.read(in); order != null; order = WorkerMessages.read(in)) {
                obey(order);
            }
        } catch (IOException e) {
            log.error("cannot read the orders of the supervisor, ending this worker: {}", e.getMessage());
        }
        endWithoutSupervisor();
    }

    private void obey(WorkerMessage order) {
        if (order instanceof WorkerMessage.Ping ping) {
            worker.runOnLoop(() -> supervisor.send(new WorkerMessage.Pong(ping.number(), worker.isStoreUsable())));
        } else if (order instanceof WorkerMessage.BackendDied died) {
            worker.runOnLoop(() -> worker.backendDied(died));
        } else if (order instanceof WorkerMessage.Known known) {
            worker.runOnLoop(() -> worker.restore(known));
        } else if (order instanceof WorkerMessage.Stop) {
            worker.stop(forRequests(worker.config().server().stopTimeout()));
        } else {
            inTurn.execute(() -> obeyInTurn(order));
        }
    }

    private void obeyInTurn(WorkerMessage order) {
        try {
            if (order instanceof WorkerMessage.Adopt adopt) {
                adopt(adopt);
            } else if (order instanceof WorkerMessage.Release release) {
                worker.release(release.ids());
            } else if (order instanceof WorkerMessage.TicketKeys tickets) {
                worker.useTicketKeys(tickets.keys());
            } else if (order instanceof WorkerMessage.Retire) {
                worker.leave(worker.config().server().gracefulWait());
            } else if (order instanceof WorkerMessage.Prepare prepare) {
                discard();
                preparation = Preparation.begin(prepare, worker, supervisor, preparing);
            } else if (order instanceof WorkerMessage.Switch follow) {
                follow(follow.number());
            } else if (order instanceof WorkerMessage.Discard discard) {
                if (preparation != null && preparation.number() == discard.number()) {
                    discard();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void discard() {
        if (preparation != null) {
            preparation.cancel();
            preparation = null;
        }
    }

    /**
     * Waits for the event loop. The orders behind this one speak of the new configuration: its listeners, and what it shares
     * with the next.
     */
    private void follow(int number) {
        Preparation ready = preparation;
        WorkerConfig next = ready == null || ready.number() != number ? null : ready.take();
        if (next == null) {
            supervisor.send(new WorkerMessage.Refused(number, "it is not prepared"));
            return;
        }
        preparation = null;
        if (next.config().server().debug() != worker.config().server().debug()) {
            LogStyle.use(next.config().server().debug(), next.config().server().isoLogTime());
        }
        try {
            worker.follow(next).join();
        } catch (CompletionException e) {
            // the next worker begins with the new configuration
            log.error("cannot follow the new configuration, asking for a replacement", e.getCause());
            supervisor.askForReplacement("cannot follow the new configuration: " + e.getCause());
        }
        supervisor.send(new WorkerMessage.Switched(number));
    }

    /** How long requests have, so that the whole program, with its supervisor, ends within {@code stopTimeout}. */
    static Duration forRequests(Duration stopTimeout) {
        Duration farewell = stopTimeout.dividedBy(4);
        return stopTimeout.minus(farewell.compareTo(FAREWELL) < 0 ? farewell : FAREWELL);
    }

    /** The handover has a time limit of its own. */
    private void adopt(WorkerMessage.Adopt order) throws InterruptedException {
        try {
            worker.adopt(order).get();
            supervisor.send(new WorkerMessage.Adopted(
                    order.sockets().stream().map(WorkerMessage.Adopt.Socket::id).toList()));
        } catch (ExecutionException e) {
            supervisor.askForReplacement("cannot take over listening sockets: " + e.getCause());
        }
    }

    private void endWithoutSupervisor() {
        Duration stopTimeout = worker.config().server().stopTimeout();
        worker.stop(stopTimeout.compareTo(ORPHAN_TIMEOUT) < 0 ? stopTimeout : ORPHAN_TIMEOUT);
        try {
            worker.ended().get(ORPHAN_TIMEOUT.plus(LOOP_TIMEOUT).toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException | InterruptedException e) {
            // without a supervisor nobody else would end a worker whose event loop hangs
            Runtime.getRuntime().halt(1);
        }
    }
}
