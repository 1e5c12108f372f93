package io.hipache.supervisor.slots;

import io.hipache.config.HipacheConfig;
import io.hipache.link.WorkerMessage;
import io.hipache.supervisor.process.Launcher;
import io.hipache.supervisor.process.RunningWorker;
import io.hipache.supervisor.sockets.ListeningSocket;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/** Workers without processes, and the sockets they accept from. The test decides which messages a worker sends. */
public final class FakeWorkers implements Launcher {
    private final ManualScheduler scheduler;
    private final List<Fake> launched = new ArrayList<>();
    private final List<ListeningSocket> sockets = new ArrayList<>();
    private String refusal = "";

    public FakeWorkers(ManualScheduler scheduler) {
        this.scheduler = scheduler;
    }

    /** Opens a socket for each set of a port of 127.0.0.1. */
    FakeWorkers listening(int port, int sets) {
        for (int set = 0; set < sets; set++) {
            int number = set;
            boolean open = sockets.stream().anyMatch(socket -> socket.port() == port && socket.set() == number);
            if (!open) {
                sockets.add(new ListeningSocket(port * 10 + set, "127.0.0.1", port, set));
            }
        }
        return this;
    }

    /** Lets every launch fail with this reason, until the reason is empty again. */
    void refuse(String reason) {
        refusal = reason;
    }

    /** The worker that was started {@code before} workers before the last one. */
    Fake last(int before) {
        return launched.get(launched.size() - 1 - before);
    }

    public Fake last() {
        return last(0);
    }

    public List<Fake> launched() {
        return List.copyOf(launched);
    }

    List<Fake> alive() {
        return launched.stream().filter(worker -> !worker.exited.isDone()).toList();
    }

    /** The ids of all sockets that a living worker accepts from. */
    Set<Integer> served() {
        Set<Integer> served = new TreeSet<>();
        alive().forEach(worker -> served.addAll(worker.holds));
        return served;
    }

    @Override
    public RunningWorker launch(int slot, HipacheConfig config, boolean served, RunningWorker.Listener listener)
            throws IOException {
        if (!refusal.isEmpty()) {
            throw new IOException(refusal);
        }
        Fake worker = new Fake(launched.size() + 1, slot, config, served, listener);
        launched.add(worker);
        return worker;
    }

    @Override
    public void prepare(RunningWorker worker, int number, HipacheConfig present, HipacheConfig config) {
        Fake fake = (Fake) worker;
        fake.preparing = config;
        fake.send(new WorkerMessage.Prepare(number, ""));
    }

    @Override
    public void offer(RunningWorker worker, HipacheConfig config, List<ListeningSocket> handed) {
        Fake fake = (Fake) worker;
        handed.forEach(socket -> {
            fake.offered.add(socket.id());
            fake.listeners.put(socket.id(), socket.indexIn(config.listeners()));
        });
    }

    @Override
    public void withdraw(RunningWorker worker) {
        ((Fake) worker).offered.clear();
    }

    @Override
    public List<ListeningSocket> sockets() {
        return List.copyOf(sockets);
    }

    @Override
    public void close(List<ListeningSocket> some) {
        sockets.removeAll(some);
    }

    /** One fake worker. */
    public final class Fake implements RunningWorker {
        private final int number;
        private final int slot;
        private final boolean served;
        private HipacheConfig config;
        private HipacheConfig preparing;
        private final RunningWorker.Listener listener;
        private final Duration start = scheduler.now();
        private final CompletableFuture<Void> exited = new CompletableFuture<>();
        private final CompletableFuture<Integer> ended = new CompletableFuture<>();
        private final List<WorkerMessage> told = new ArrayList<>();
        private final Set<Integer> offered = new TreeSet<>();
        private final Set<Integer> holds = new TreeSet<>();
        private final Map<Integer, Integer> listeners = new HashMap<>();
        private String refusal = "";
        private boolean silent;
        private boolean storeUsable = true;
        private boolean stuck;
        private boolean killed;

        private Fake(int number, int slot, HipacheConfig config, boolean served, RunningWorker.Listener listener) {
            this.number = number;
            this.slot = slot;
            this.served = served;
            this.config = config;
            this.preparing = config;
            this.listener = listener;
        }

        int slot() {
            return slot;
        }

        /** Whether the supervisor has told it that others serve meanwhile. */
        boolean isServed() {
            return served;
        }

        /** The configuration that the worker was started with, or was told to follow last. */
        HipacheConfig config() {
            return config;
        }

        /** The index of the listener that this socket was offered for. */
        int listenerOf(int socket) {
            return listeners.getOrDefault(socket, -1);
        }

        /** The number of the configuration that it was last asked to prepare. */
        public int number() {
            return told.stream()
                    .filter(WorkerMessage.Prepare.class::isInstance)
                    .mapToInt(message -> ((WorkerMessage.Prepare) message).number())
                    .reduce(0, (first, last) -> last);
        }

        Set<Integer> holds() {
            return holds;
        }

        boolean wasKilled() {
            return killed;
        }

        boolean wasTold(Class<? extends WorkerMessage> type) {
            return told.stream().anyMatch(type::isInstance);
        }

        /** How often it was sent a message of this type. */
        long told(Class<? extends WorkerMessage> type) {
            return told.stream().filter(type::isInstance).count();
        }

        public void says(WorkerMessage message) {
            try {
                listener.received(this, message);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            scheduler.settle();
        }

        /** Becomes ready and adopts the sockets that it is offered, at the same time. */
        public Fake serves() {
            says(new WorkerMessage.Ready());
            adopts();
            return this;
        }

        void adopts() {
            List<Integer> ids = List.copyOf(offered);
            offered.clear();
            holds.addAll(ids);
            says(new WorkerMessage.Adopted(ids));
        }

        void dies(int code) {
            exits();
            ended.complete(code);
            scheduler.settle();
        }

        /** The process is gone, but its last messages are still in the pipe. */
        void exits() {
            holds.clear();
            exited.complete(null);
            scheduler.settle();
        }

        /** Prepares no configuration from now on. */
        public void refuses(String reason) {
            refusal = reason;
        }

        /** Answers no orders about configurations from now on, unless the test does. */
        public void isSilent() {
            silent = true;
        }

        /** Says with each pong whether it can use its store. */
        void canUseStore(boolean usable) {
            storeUsable = usable;
        }

        /** Stops answering pings. */
        void hangs() {
            stuck = true;
        }

        @Override
        public void send(WorkerMessage message) {
            told.add(message);
            if (message instanceof WorkerMessage.Ping ping && !stuck) {
                scheduler.run(() -> says(new WorkerMessage.Pong(ping.number(), storeUsable)));
            } else if (message instanceof WorkerMessage.Release release) {
                release.ids().forEach(holds::remove);
            } else if (message instanceof WorkerMessage.Switch order) {
                config = preparing;
                answer(new WorkerMessage.Switched(order.number()));
            } else if (message instanceof WorkerMessage.Prepare order) {
                answer(
                        refusal.isEmpty()
                                ? new WorkerMessage.Prepared(order.number(), "")
                                : new WorkerMessage.Refused(order.number(), refusal));
            }
        }

        private void answer(WorkerMessage message) {
            if (!silent && !exited.isDone()) {
                scheduler.run(() -> says(message));
            }
        }

        @Override
        public void kill() {
            killed = true;
        }

        @Override
        public CompletableFuture<?> exited() {
            return exited;
        }

        @Override
        public CompletableFuture<Integer> ended() {
            return ended;
        }

        @Override
        public long pid() {
            return number;
        }

        @Override
        public Duration age() {
            return scheduler.now().minus(start);
        }

        @Override
        public String toString() {
            return "fake #" + number;
        }
    }
}
