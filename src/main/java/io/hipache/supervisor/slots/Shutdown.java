package io.hipache.supervisor.slots;

import io.hipache.config.HipacheConfig;
import io.hipache.link.WorkerMessage;
import io.hipache.supervisor.common.Scheduler;
import io.hipache.supervisor.common.SupervisorThread;
import io.hipache.supervisor.process.Launcher;
import io.hipache.supervisor.sockets.SocketDealer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends all workers, in order or at once. Confined to the {@link SupervisorThread}. */
final class Shutdown {
    private static final Logger log = LoggerFactory.getLogger(Shutdown.class);

    /** The time that a worker has after its timeout before it is killed. */
    static final Duration MARGIN = Duration.ofMillis(1500);
    /** How long a stop waits for unfinished adoptions, because the queue of a socket without a worker would be lost. */
    private static final Duration HANDOVER = Duration.ofSeconds(1);

    private final Launcher launcher;
    private final SocketDealer dealer;
    private final LivingWorkers living;
    private final Scheduler scheduler;
    private final CompletableFuture<Integer> exitCode = new CompletableFuture<>();
    private boolean begun;
    private boolean retiring;
    private boolean stopSent;
    private int code;

    Shutdown(Launcher launcher, SocketDealer dealer, LivingWorkers living, Scheduler scheduler) {
        this.launcher = launcher;
        this.dealer = dealer;
        this.living = living;
        this.scheduler = scheduler;
    }

    CompletableFuture<Integer> exitCode() {
        return exitCode;
    }

    boolean hasBegun() {
        return begun;
    }

    void stop(int exitCodeAtEnd, Duration timeout) {
        if (begun && !retiring) {
            return;
        }
        begun = true;
        retiring = false;
        code = exitCodeAtEnd;
        // workers that are still starting serve no clients
        living.all().stream().filter(worker -> !worker.isReady()).forEach(worker -> worker.process()
                .kill());
        scheduler.later(HANDOVER, this::sendStop);
        scheduler.later(timeout.plus(MARGIN), () -> living.all().forEach(this::killIfAlive));
        advance();
    }

    /** Another supervisor accepts from every socket: retires all workers, each with its graceful wait. Starts no others. */
    void retire() {
        if (begun) {
            return;
        }
        begun = true;
        retiring = true;
        launcher.close(launcher.sockets());
        living.all().forEach(this::retire);
        advance();
    }

    private void retire(SlotWorker worker) {
        HipacheConfig.Server server = worker.generation().config().server();
        Duration most = server.gracefulWait();
        if (!worker.isReady()) {
            worker.process().kill();
        } else if (!worker.isRetired()) {
            worker.retire();
        } else {
            // it was leaving already, and beside the new workers there is room for one generation only
            log.warn("{} is still finishing its last requests, and is ended to make room", worker);
            worker.process().send(new WorkerMessage.Stop());
            most = server.stopTimeout();
        }
        scheduler.later(most.plus(MARGIN), () -> killIfAlive(worker));
    }

    private void killIfAlive(SlotWorker worker) {
        if (living.get(worker.process()) == worker) {
            log.warn("{} has not ended in time and is killed", worker);
            worker.process().kill();
        }
    }

    void killAll() {
        begun = true;
        code = 1;
        living.all().forEach(worker -> worker.process().kill());
        advance();
    }

    /** Call this after every event, to take the next step. */
    void advance() {
        if (!retiring && dealer.allAccepted()) {
            sendStop();
        }
        if (living.all().isEmpty()) {
            exitCode.complete(code);
        }
    }

    /** Closes the sockets here before the workers stop, so that the workers still see every connection in the queues. */
    private void sendStop() {
        if (!stopSent) {
            stopSent = true;
            launcher.close(launcher.sockets());
            living.all().forEach(worker -> worker.process().send(new WorkerMessage.Stop()));
        }
    }
}
