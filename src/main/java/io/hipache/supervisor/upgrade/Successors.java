package io.hipache.supervisor.upgrade;

import io.hipache.config.HipacheConfig;
import io.hipache.link.SocketHandover;
import io.hipache.link.SuccessionLink;
import io.hipache.link.SuccessionMessage;
import io.hipache.supervisor.common.Agenda;
import io.hipache.supervisor.common.StartException;
import io.hipache.supervisor.common.SupervisorThread;
import io.hipache.supervisor.process.TicketKeyRing;
import io.hipache.supervisor.service.ServiceNotifier;
import io.hipache.supervisor.slots.WorkerSlots;
import io.hipache.supervisor.sockets.ListeningSockets;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a running supervisor does for an upgrade: starts the version that is installed now when SIGUSR2 asks for it, gives
 * whoever follows the listening sockets, and when that one serves, retires its own workers. Whatever goes wrong before
 * that, it goes on as if nothing had been. Confined to the {@link SupervisorThread}.
 */
public final class Successors implements SuccessionLink.Listener {
    private static final Logger log = LoggerFactory.getLogger(Successors.class);

    /** From the start of a JVM to the last of its workers being ready, and a build where there is one. */
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private static final int MAX_SETS = 4096;
    private static final long FIRST_PROCESS = 1;

    /** What this supervisor has to give. */
    public record Estate(
            Supplier<HipacheConfig> inForce,
            ListeningSockets sockets,
            SocketHandover handover,
            TicketKeyRing tickets,
            ServiceNotifier service) {}

    private final Succession succession;
    private final Estate estate;
    private final WorkerSlots slots;
    private final Agenda agenda;
    private final @Nullable Predecessor predecessor;
    private final Runnable reopenOwnLogs;

    private @Nullable Attempt attempt;
    private boolean inCharge;
    private boolean handedOver;

    /**
     * Needs what it is to hand over, and what else may still be at work.
     *
     * @param predecessor whom this supervisor itself follows
     * @param reopenOwnLogs suits any thread
     */
    public Successors(
            Succession succession,
            Estate estate,
            WorkerSlots slots,
            Agenda agenda,
            @Nullable Predecessor predecessor,
            Runnable reopenOwnLogs) {
        this.succession = succession;
        this.estate = estate;
        this.slots = slots;
        this.agenda = agenda;
        this.predecessor = predecessor;
        this.reopenOwnLogs = reopenOwnLogs;
        this.inCharge = predecessor == null;
    }

    /** To be called when this supervisor has itself taken over from its predecessor. */
    public void takeCharge() {
        inCharge = true;
    }

    /** Why the configuration cannot be changed now, null when it can. */
    @Nullable
    public String obstacleToReload() {
        if (!inCharge) {
            return "the upgrade is not complete";
        }
        return attempt == null ? null : "an upgrade is under way, and the new supervisor has read it";
    }

    /** SIGUSR2: starts the version that is installed. */
    public void begin() {
        String obstacle = obstacle();
        if (obstacle == null && succession.successor().isEmpty()) {
            obstacle = "it was not started by its launcher, which finds the new version";
        }
        if (obstacle == null && ProcessHandle.current().pid() == FIRST_PROCESS) {
            obstacle = "its container would end with this process: start another container";
        }
        if (obstacle != null) {
            log.error("upgrade refused: {}", obstacle);
            return;
        }
        try {
            SuccessorProcess process = SuccessorProcess.start(succession);
            log.info("upgrade: {} is started", process);
            Attempt begun = begin(process);
            process.onExit(agenda, () -> failIf(begun, process.describeEnd()));
        } catch (IOException e) {
            log.error("upgrade refused: the new supervisor cannot be started: {}", e.getMessage());
        }
    }

    private Attempt begin(@Nullable SuccessorProcess process) {
        Attempt begun = new Attempt(process);
        attempt = begun;
        estate.service().reloading();
        agenda.later(TIMEOUT, () -> failIf(begun, "it does not serve after " + TIMEOUT.toSeconds() + " s"));
        return begun;
    }

    private @Nullable String obstacle() {
        if (handedOver) {
            return "another supervisor has taken over, this one finishes its requests";
        }
        if (slots.isEnding()) {
            return "this supervisor is ending";
        }
        if (attempt != null) {
            return "another upgrade is under way";
        }
        if (!inCharge) {
            return "this supervisor has not taken over itself";
        }
        return slots.isServing() ? null : "no worker serves";
    }

    @Override
    public void said(SuccessionLink link, SuccessionMessage message) {
        agenda.run(() -> heard(link, message));
    }

    @Override
    public void ended(SuccessionLink link) {
        agenda.run(() -> {
            if (attempt != null && attempt.link == link) {
                failIf(attempt, "it broke off, its messages say why");
            }
        });
    }

    private void heard(SuccessionLink link, SuccessionMessage message) {
        if (message instanceof SuccessionMessage.Hello hello) {
            welcome(link, hello);
        } else if (attempt == null || attempt.link != link) {
            log.debug("{} is not known any more and says {}", link, message);
        } else if (message instanceof SuccessionMessage.Complete) {
            handOverTo(link);
        } else if (message instanceof SuccessionMessage.Reopen) {
            reopenBefore();
        } else if (message instanceof SuccessionMessage.Stop) {
            log.info("{} stops, and this one with it", link);
            stop();
        } else if (message instanceof SuccessionMessage.CalledOff calledOff) {
            failIf(attempt, calledOff.reason());
        }
    }

    private void welcome(SuccessionLink link, SuccessionMessage.Hello hello) {
        Attempt expected = attempt != null && attempt.expects(link) ? attempt : null;
        String refusal = expected == null ? obstacle() : null;
        if (refusal == null) {
            refusal = refusal(hello);
        }
        if (refusal == null) {
            try {
                estate.sockets().extend(estate.inForce().get().listeners(), hello.sets());
            } catch (StartException e) {
                refusal = e.getMessage();
            }
        }
        if (refusal != null) {
            log.warn("{} wants to take over and is refused: {}", link, refusal);
            callOff(link, refusal);
            return;
        }
        // those that are new are served here too, for as long as it takes
        slots.socketsAdded();
        Attempt current = expected == null ? begin(null) : expected;
        current.link = link;
        offer(link, Math.min(hello.version(), SuccessionMessage.VERSION));
    }

    private @Nullable String refusal(SuccessionMessage.Hello hello) {
        if (hello.version() < 1) {
            return "version " + hello.version() + " of the upgrade is not known";
        }
        if (hello.sets() < 1 || hello.sets() > MAX_SETS) {
            return hello.sets() + " sockets for each address are not possible";
        }
        if (estate.service().isHeard() && !hello.service()) {
            return "its service manager would not know the new supervisor: send SIGUSR2 to process "
                    + ProcessHandle.current().pid() + " instead";
        }
        return null;
    }

    private void offer(SuccessionLink link, int version) {
        List<ListeningSockets.Inherited> legacy = estate.sockets().legacy();
        String token = estate.handover()
                .offer(
                        link.pid(),
                        legacy.stream()
                                .map(ListeningSockets.Inherited::descriptor)
                                .toList());
        link.send(new SuccessionMessage.Offer(
                version,
                estate.handover().address(),
                token,
                legacy.stream()
                        .map(socket -> new SuccessionMessage.Offer.Socket(
                                socket.address(), socket.port(), socket.set(), socket.ipv4Too()))
                        .toList(),
                estate.tickets().message().keys()));
        log.info("upgrade: {} takes over", link);
    }

    private void handOverTo(SuccessionLink link) {
        if (handedOver || slots.isEnding()) {
            return;
        }
        handedOver = true;
        estate.handover().withdraw(link.pid());
        log.info("{} has taken over, this one ends when its requests have", link);
        estate.service()
                .handTo(link.pid())
                .thenRun(() -> agenda.run(() -> {
                    link.send(new SuccessionMessage.Retiring());
                    slots.retireAll();
                }));
    }

    /** Stops this supervisor, and whichever still finishes its requests. */
    public void stop() {
        if (attempt != null) {
            failIf(attempt, "this supervisor was told to stop");
        }
        if (predecessor != null) {
            predecessor.stop();
        }
        slots.stopAll(0, estate.inForce().get().server().stopTimeout());
    }

    /** Has the log files, which have been renamed, opened anew by whichever supervisor writes to them. */
    public void reopenLogs() {
        reopenBefore();
        if (attempt != null && attempt.link != null) {
            attempt.link.send(new SuccessionMessage.Reopen());
        }
    }

    private void reopenBefore() {
        reopenOwnLogs.run();
        if (predecessor != null) {
            predecessor.reopenLogs();
        }
    }

    private void failIf(Attempt failed, String why) {
        if (attempt != failed || handedOver) {
            return;
        }
        attempt = null;
        log.error("the upgrade has failed, nothing changes: {}", why);
        if (failed.link != null) {
            estate.handover().withdraw(failed.link.pid());
            callOff(failed.link, why);
        }
        if (failed.process != null) {
            failed.process.end(agenda);
        }
        estate.service().ready("serving " + String.join(", ", estate.sockets().urls()));
    }

    private static void callOff(SuccessionLink link, String why) {
        link.send(new SuccessionMessage.CalledOff(why)).addListener(sent -> link.close());
    }

    /** One attempt, by a process that was started here (null for one that came by itself) and its connection. */
    private static final class Attempt {
        private final @Nullable SuccessorProcess process;
        private @Nullable SuccessionLink link;

        private Attempt(@Nullable SuccessorProcess process) {
            this.process = process;
        }

        /** Whether the process that has connected is the one that was started. */
        private boolean expects(SuccessionLink newcomer) {
            return link == null && process != null && process.pid() == newcomer.pid();
        }
    }
}
