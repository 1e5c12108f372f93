package io.hipache.worker;

import io.hipache.config.ConfigException;
import io.hipache.config.ConfigJson;
import io.hipache.link.WorkerMessage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A configuration that is built beside the one in force. It is built on another thread and answers {@code Prepared} or
 * {@code Refused}, unless it is cancelled first. Any thread may call it.
 */
final class Preparation {
    private static final Logger log = LoggerFactory.getLogger(Preparation.class);

    private final WorkerMessage.Prepare order;
    private final Worker worker;
    private final SupervisorLink supervisor;
    private final Future<?> building;
    private @Nullable WorkerConfig built;
    private boolean cancelled;

    private Preparation(
            WorkerMessage.Prepare order, Worker worker, SupervisorLink supervisor, ExecutorService executor) {
        this.order = order;
        this.worker = worker;
        this.supervisor = supervisor;
        this.building = executor.submit(this::build);
    }

    /** @param executor one thread */
    static Preparation begin(
            WorkerMessage.Prepare order, Worker worker, SupervisorLink supervisor, ExecutorService executor) {
        return new Preparation(order, worker, supervisor, executor);
    }

    int number() {
        return order.number();
    }

    private void build() {
        try {
            built(worker.prepare(ConfigJson.decode(order.config())));
        } catch (InterruptedException e) {
            log.debug("the preparation of configuration {} was interrupted", order.number());
        } catch (ConfigException | IllegalArgumentException e) {
            refuse(String.valueOf(e.getMessage()));
        } catch (RuntimeException | LinkageError e) {
            log.error("cannot prepare a configuration: unexpected {}", e.toString(), e);
            refuse("unexpected " + e);
        }
    }

    private synchronized void built(WorkerConfig config) {
        if (cancelled) {
            config.served().discard();
        } else {
            built = config;
            supervisor.send(
                    new WorkerMessage.Prepared(order.number(), config.served().storeProblem()));
        }
    }

    private synchronized void refuse(String reason) {
        if (!cancelled) {
            supervisor.send(
                    new WorkerMessage.Refused(order.number(), reason.strip().replaceAll("\\s*\\R\\s*", " ")));
        }
    }

    /** Hands out what was built, null when it is not ready. It belongs to the caller then. */
    synchronized @Nullable WorkerConfig take() {
        WorkerConfig taken = built;
        built = null;
        return taken;
    }

    /** Ends it without an answer, and frees what was built. */
    synchronized void cancel() {
        cancelled = true;
        building.cancel(true);
        WorkerConfig unused = take();
        if (unused != null) {
            unused.served().discard();
        }
    }
}
