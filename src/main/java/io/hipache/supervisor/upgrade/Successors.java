package io.hipache.supervisor.upgrade;

import io.hipache.checker.ActiveChecks;
import io.hipache.config.HipacheConfig;
import io.hipache.link.SocketHandover;
import io.hipache.link.SuccessionLink;
import io.hipache.link.SuccessionMessage;
import io.hipache.supervisor.common.Asker;
import io.hipache.supervisor.common.Scheduler;
import io.hipache.supervisor.common.StartException;
import io.hipache.supervisor.common.SupervisorThread;
import io.hipache.supervisor.process.MessageLog;
import io.hipache.supervisor.process.TicketKeyRing;
import io.hipache.supervisor.service.ServiceNotifier;
import io.hipache.supervisor.slots.WorkerSlots;
import io.hipache.supervisor.snapshot.Snapshot;
import io.hipache.supervisor.sockets.ListeningSockets;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running supervisor's side of an upgrade. On SIGUSR2 it starts the version that is installed now. It gives the new
 * supervisor the listening sockets, and retires its own workers when the new ones serve. When anything fails before that,
 * this supervisor continues as before. Confined to the {@link SupervisorThread}.
 */
public final class Successors implements SuccessionLink.Listener {
    private static final Logger log = LoggerFactory.getLogger(Successors.class);

    /** Covers the start of the new JVM and of all its workers, and a build when the launcher runs from the sources. */
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private static final int MAX_SETS = 4096;
    private static final long FIRST_PROCESS = 1;

    /** What an upgrade hands over or asks for. */
    public record Resources(
            Supplier<HipacheConfig> inForce,
            ListeningSockets sockets,
            SocketHandover handover,
            TicketKeyRing tickets,
            ServiceNotifier service,
            Snapshot snapshot,
            ActiveChecks checks) {}

    private final Succession succession;
    private final Resources resources;
    private final WorkerSlots slots;
    private final Scheduler scheduler;
    private final @Nullable Predecessor predecessor;
    private final Runnable reopenOwnLogs;

    private @Nullable Upgrade upgrade;
    private Runnable onHandOver = () -> {};
    private boolean inCharge;
    private boolean handedOver;

    /**
     * Waits for an upgrade.
     *
     * @param predecessor the supervisor that this one has itself taken over from, null when there was none
     * @param reopenOwnLogs may be called on any thread
     */
    public Successors(
            Succession succession,
            Resources resources,
            WorkerSlots slots,
            Scheduler scheduler,
            @Nullable Predecessor predecessor,
            Runnable reopenOwnLogs) {
        this.succession = succession;
        this.resources = resources;
        this.slots = slots;
        this.scheduler = scheduler;
        this.predecessor = predecessor;
        this.reopenOwnLogs = reopenOwnLogs;
        this.inCharge = predecessor == null;
    }

    /** Runs a task when another supervisor is in charge, and this one only finishes its requests. */
    public void onHandOver(Runnable task) {
        onHandOver = task;
    }

    /** Call this when this supervisor has taken over from its predecessor. */
    public void tookOver() {
        inCharge = true;
    }

    /** Why the configuration cannot be reloaded now, null when it can. */
    @Nullable
    public String obstacleToReload() {
        if (handedOver || slots.isEnding()) {
            return "this supervisor is ending";
        }
        if (!inCharge) {
            return "the upgrade is not complete";
        }
        return upgrade == null
                ? null
                : "an upgrade is under way, and the new supervisor has read the configuration already";
    }

    /**
     * What SIGUSR2 does: starts the installed version.
     *
     * @param asker is told when the new supervisor is in charge, or why there is no upgrade
     */
    public void startUpgrade(Asker asker) {
        String obstacle = obstacle();
        if (obstacle == null && succession.successor().isEmpty()) {
            obstacle = "this program was not started by its launcher, which finds the new version";
        }
        if (obstacle == null && ProcessHandle.current().pid() == FIRST_PROCESS) {
            obstacle = "the container would end with this process: start another container instead";
        }
        if (obstacle != null) {
            refuse(obstacle, asker);
            return;
        }
        try {
            SuccessorProcess process = SuccessorProcess.start(succession);
            log.info("upgrade: {} is started", process);
            Upgrade begun = begin(process, asker);
            process.onExit(scheduler, () -> failIf(begun, process.describeEnd()));
        } catch (IOException e) {
            refuse("the new supervisor cannot be started: " + e.getMessage(), asker);
        }
    }

    private static void refuse(String why, Asker asker) {
        String line = "upgrade refused: " + why;
        log.error(line);
        asker.ended(false, List.of(line));
    }

    private Upgrade begin(@Nullable SuccessorProcess process, Asker asker) {
        Upgrade begun = new Upgrade(process, asker);
        upgrade = begun;
        resources.service().reloading();
        scheduler.later(
                TIMEOUT, () -> failIf(begun, "the new supervisor does not serve after " + TIMEOUT.toSeconds() + " s"));
        return begun;
    }

    private @Nullable String obstacle() {
        if (handedOver) {
            return "another supervisor has taken over, this one is finishing its last requests";
        }
        if (slots.isEnding()) {
            return "this supervisor is ending";
        }
        if (upgrade != null) {
            return "another upgrade is under way";
        }
        if (!inCharge) {
            return "this supervisor is itself still taking over from another one";
        }
        return slots.isServing() ? null : "no worker serves";
    }

    @Override
    public void received(SuccessionLink link, SuccessionMessage message) {
        scheduler.run(() -> handle(link, message));
    }

    @Override
    public void closed(SuccessionLink link) {
        scheduler.run(() -> {
            if (upgrade != null && upgrade.link == link) {
                failIf(
                        upgrade,
                        "the new supervisor closed the connection, its messages " + MessageLog.firstMessages()
                                + ", or in its log, say why");
            }
        });
    }

    private void handle(SuccessionLink link, SuccessionMessage message) {
        if (message instanceof SuccessionMessage.Hello hello) {
            handleHello(link, hello);
        } else if ((upgrade == null || upgrade.link != link)
                && message instanceof SuccessionMessage.CalledOff calledOff) {
            calledOffBeforeHello(link, calledOff.reason());
        } else if (upgrade == null || upgrade.link != link) {
            log.debug("ignoring {} of {}, which is not part of the current upgrade", message, link);
        } else if (message instanceof SuccessionMessage.Complete) {
            handOverTo(link);
        } else if (message instanceof SuccessionMessage.Reopen) {
            reopenOwnAndPredecessors();
        } else if (message instanceof SuccessionMessage.Stop) {
            log.info("{} was told to stop, this one stops as well", link);
            stop();
        } else if (message instanceof SuccessionMessage.CalledOff calledOff) {
            failIf(upgrade, calledOff.reason());
        }
    }

    /** Who was started here says why it does not even ask for the sockets. That it was heard lets it end. */
    private void calledOffBeforeHello(SuccessionLink link, String why) {
        if (upgrade != null && upgrade.expects(link)) {
            upgrade.endsItself = true;
            failIf(upgrade, why);
        }
        link.close();
    }

    private void handleHello(SuccessionLink link, SuccessionMessage.Hello hello) {
        Upgrade expected = upgrade != null && upgrade.expects(link) ? upgrade : null;
        String refusal = expected == null ? obstacle() : null;
        if (refusal == null && slots.isPreparing()) {
            refusal = "a reload is under way";
        }
        if (refusal == null) {
            refusal = refusal(hello);
        }
        if (refusal == null) {
            try {
                resources.sockets().extend(resources.inForce().get().listeners(), hello.sets());
            } catch (StartException e) {
                refusal = e.getMessage();
            }
        }
        if (refusal != null) {
            log.warn("{} is not allowed to take over: {}", link, refusal);
            callOff(link, refusal);
            return;
        }
        // until the upgrade is complete, this supervisor's workers accept from the added sockets as well
        slots.socketsAdded();
        Upgrade current = expected == null ? begin(null, Asker.SIGNAL) : expected;
        current.link = link;
        current.endsItself = true;
        offer(link, Math.min(hello.version(), SuccessionMessage.VERSION));
    }

    private @Nullable String refusal(SuccessionMessage.Hello hello) {
        if (hello.version() < 1) {
            return "version " + hello.version() + " of the upgrade protocol is not known";
        }
        if (hello.sets() < 1 || hello.sets() > MAX_SETS) {
            return hello.sets() + " sockets for each address are not possible";
        }
        if (resources.service().hasManager() && !hello.service()) {
            return "the service manager would not know the new supervisor: send SIGUSR2 to process "
                    + ProcessHandle.current().pid() + " instead";
        }
        return null;
    }

    private void offer(SuccessionLink link, int version) {
        List<ListeningSockets.Inherited> inherited = resources.sockets().forSuccessor();
        String token = resources
                .handover()
                .offer(
                        link.pid(),
                        inherited.stream()
                                .map(ListeningSockets.Inherited::descriptor)
                                .toList());
        // the new supervisor reads the file when it has the offer
        resources.snapshot().writeSoon();
        link.send(new SuccessionMessage.Offer(
                version,
                resources.handover().address(),
                token,
                inherited.stream()
                        .map(socket -> new SuccessionMessage.Offer.Socket(
                                socket.address(), socket.port(), socket.set(), socket.ipv4Too()))
                        .toList(),
                resources.tickets().message().keys(),
                slots.isStoreUsable()));
        log.info("upgrade: {} takes over", link);
    }

    private void handOverTo(SuccessionLink link) {
        if (handedOver || slots.isEnding()) {
            return;
        }
        handedOver = true;
        onHandOver.run();
        resources.handover().withdraw(link.pid());
        String line = link + " has taken over, supervisor #"
                + ProcessHandle.current().pid() + " ends after its last requests";
        log.info(line);
        if (upgrade != null) {
            upgrade.asker.ended(true, List.of(line));
        }
        resources
                .service()
                .handOverTo(link.pid())
                .thenRun(() -> scheduler.run(() -> {
                    resources.snapshot().stopWriting();
                    resources.checks().stop();
                    link.send(new SuccessionMessage.Retiring());
                    slots.retireAll();
                }));
    }

    /** Stops this supervisor, and a predecessor that is still finishing its requests. */
    public void stop() {
        if (upgrade != null) {
            upgrade.endsItself = false;
            failIf(upgrade, "this supervisor was told to stop");
        }
        if (predecessor != null) {
            predecessor.stop();
        }
        slots.stopAll(0, resources.inForce().get().server().stopTimeout());
    }

    /** Lets every supervisor that still writes open its log files again, after they have been renamed. */
    public void reopenLogs() {
        reopenOwnAndPredecessors();
        if (upgrade != null && upgrade.link != null) {
            upgrade.link.send(new SuccessionMessage.Reopen());
        }
    }

    private void reopenOwnAndPredecessors() {
        reopenOwnLogs.run();
        if (predecessor != null) {
            predecessor.reopenLogs();
        }
    }

    private void failIf(Upgrade failed, String why) {
        if (upgrade != failed || handedOver) {
            return;
        }
        upgrade = null;
        String line = "the upgrade has failed, nothing changes: " + why;
        log.error(line);
        failed.asker.ended(false, List.of(line));
        if (failed.link != null) {
            resources.handover().withdraw(failed.link.pid());
            callOff(failed.link, why);
        }
        if (failed.process != null) {
            failed.process.end(scheduler, failed.endsItself);
        }
        resources
                .service()
                .ready("serving " + String.join(", ", resources.sockets().urls()));
    }

    private static void callOff(SuccessionLink link, String why) {
        link.send(new SuccessionMessage.CalledOff(why)).addListener(sent -> link.close());
    }

    /** One upgrade: the process that was started here (null for one that was started by hand) and its connection. */
    private static final class Upgrade {
        private final @Nullable SuccessorProcess process;
        private final Asker asker;
        private @Nullable SuccessionLink link;
        /** Whether the process learns by its link that the upgrade has failed, and has the time to end by itself. */
        private boolean endsItself;

        private Upgrade(@Nullable SuccessorProcess process, Asker asker) {
            this.process = process;
            this.asker = asker;
        }

        /** Whether the process that has connected is the one that was started here. */
        private boolean expects(SuccessionLink newcomer) {
            return link == null && process != null && process.pid() == newcomer.pid();
        }
    }
}
