package io.hipache.cli;

import io.hipache.worker.ProxyPipelines;
import io.hipache.worker.WorkerMain;
import java.io.IOException;

/**
 * {@code hipache worker}: a worker, as the supervisor starts it; it is of no use by itself. It takes no options, so
 * that a worker does not load the classes that would parse them.
 */
public final class WorkerCommand {
    public static final String NAME = "worker";

    private WorkerCommand() {}

    /** Runs until the worker ends; the result is the exit code of the process. */
    public static int run() throws IOException {
        return WorkerMain.run(ProxyPipelines.warm(HipacheVersion.number()));
    }
}
