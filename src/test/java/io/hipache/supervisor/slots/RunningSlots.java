package io.hipache.supervisor.slots;

import io.hipache.config.ConfigException;
import io.hipache.config.ConfigJson;
import io.hipache.config.HipacheConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** {@link WorkerSlots} with fake workers and a clock, both of which the test controls. */
final class RunningSlots {
    private final ManualScheduler scheduler = new ManualScheduler();
    private final FakeWorkers workers = new FakeWorkers(scheduler);
    private final List<String> events = new ArrayList<>();
    private boolean complete;
    private @Nullable WorkerSlots slots;
    private @Nullable ReloadEnd end;
    private @Nullable String storeProblem;

    ManualScheduler scheduler() {
        return scheduler;
    }

    FakeWorkers workers() {
        return workers;
    }

    /** The events of the listener so far, in order, except {@link #complete}. */
    List<String> events() {
        return events;
    }

    /** Whether the listener has heard that every worker serves the sockets of its slot. */
    boolean complete() {
        return complete;
    }

    WorkerSlots slots() {
        if (slots == null) {
            throw new IllegalStateException("not started");
        }
        return slots;
    }

    @Nullable
    Integer code() {
        return slots().exitCode().getNow(null);
    }

    /** Why a worker of a new supervisor was not let in, null when none was. */
    @Nullable
    String storeProblem() {
        return storeProblem;
    }

    /** Starts {@code count} workers, none of which serves yet. */
    void start(int count, int... ports) {
        start(null, count, ports);
    }

    /** As {@link #start(int, int...)}, beside a supervisor whose workers can use their store. */
    void startBesideOther(int count, int... ports) {
        start(why -> storeProblem = why, count, ports);
    }

    private void start(@Nullable Consumer<String> storeGate, int count, int... ports) {
        slots = new WorkerSlots(
                config(count, ports),
                workers,
                (worker, message) -> {},
                RestartPolicy.DEFAULT,
                scheduler,
                new LifecycleListener() {
                    @Override
                    public void served() {
                        events.add("served");
                    }

                    @Override
                    public void complete() {
                        complete = true;
                    }

                    @Override
                    public void stopping() {
                        events.add("stopping");
                    }
                },
                storeGate != null,
                storeGate);
        slots().startAll();
        scheduler.settle();
    }

    /** Reloads a configuration, and returns it. The events are {@code switched} and {@code ended}. */
    HipacheConfig reload(int count, int... ports) {
        return reload(config(count, ports));
    }

    /** As {@link #reload(int, int...)}, with a limit of memory that only new processes can have. */
    HipacheConfig reloadWithMemory(int megabytes, int count, int... ports) {
        return reload(config("\"memoryLimit\": " + megabytes + ", ", count, ports));
    }

    private HipacheConfig reload(HipacheConfig config) {
        end = null;
        slots().reload(config, new ReloadListener() {
            @Override
            public void switched() {
                events.add("switched");
            }

            @Override
            public void ended(ReloadEnd reloadEnd) {
                events.add("ended");
                end = reloadEnd;
            }
        });
        scheduler.settle();
        return config;
    }

    /** Lets the time pass in which the clients of a replaced worker connect to others. */
    void settle() {
        scheduler.advance(LeavingWorkers.SETTLING);
    }

    /** What became of the last reload. */
    ReloadEnd end() {
        if (end == null) {
            throw new AssertionError("the reload has not ended");
        }
        return end;
    }

    boolean hasEnded() {
        return end != null;
    }

    HipacheConfig config(int count, int... ports) {
        return config("", count, ports);
    }

    private HipacheConfig config(String more, int count, int... ports) {
        List<String> binds = new ArrayList<>();
        for (int port : ports) {
            workers.listening(port, count);
            binds.add("{\"address\": \"127.0.0.1\", \"port\": " + port + "}");
        }
        try {
            return ConfigJson.decode("{\"server\": {" + more + "\"workers\": " + count
                    + ", \"staticDir\": \"/\"}, \"http\": {\"bind\": " + binds + "}}");
        } catch (ConfigException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
