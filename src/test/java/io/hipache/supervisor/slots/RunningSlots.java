package io.hipache.supervisor.slots;

import io.hipache.config.ConfigException;
import io.hipache.config.ConfigJson;
import io.hipache.config.HipacheConfig;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@link WorkerSlots} with fake workers and a clock, both of which the test controls. */
final class RunningSlots {
    private final ManualScheduler scheduler = new ManualScheduler();
    private final FakeWorkers workers = new FakeWorkers(scheduler);
    private final List<String> events = new ArrayList<>();
    private boolean complete;
    private @Nullable WorkerSlots slots;

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

    /** Starts {@code count} workers, none of which serves yet. */
    void start(int count, int... ports) {
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
                    public void reloading() {
                        events.add("reloading");
                    }

                    @Override
                    public void reloaded(HipacheConfig config) {
                        events.add("reloaded");
                    }

                    @Override
                    public void stopping() {
                        events.add("stopping");
                    }
                });
        slots().startAll();
        scheduler.settle();
    }

    /** Renews the workers for a configuration, and returns that configuration. */
    HipacheConfig reload(int count, int... ports) {
        HipacheConfig config = config(count, ports);
        slots().renewAll(config);
        scheduler.settle();
        return config;
    }

    HipacheConfig config(int count, int... ports) {
        List<String> binds = new ArrayList<>();
        for (int port : ports) {
            workers.listening(port, count);
            binds.add("{\"address\": \"127.0.0.1\", \"port\": " + port + "}");
        }
        try {
            return ConfigJson.decode("{\"server\": {\"workers\": " + count
                    + ", \"staticDir\": \"/\"}, \"http\": {\"bind\": " + binds + "}}");
        } catch (ConfigException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
