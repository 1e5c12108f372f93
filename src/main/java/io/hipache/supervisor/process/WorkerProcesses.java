package io.hipache.supervisor.process;

import io.hipache.config.HipacheConfig;
import io.hipache.supervisor.common.StartException;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the processes of workers. One process can be started ahead, as soon as the configuration is known: its Java runtime
 * then starts while the supervisor opens the sockets and the logs, which halves the time that both take. The process waits for
 * its configuration, and touches nothing before.
 */
public final class WorkerProcesses implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WorkerProcesses.class);

    private final WorkerCommandLine commandLine;
    private @Nullable HipacheConfig tried;
    private List<String> prefix = List.of();
    private @Nullable Ahead ahead;

    private record Ahead(List<String> command, Process process) {}

    public WorkerProcesses(WorkerCommandLine commandLine) {
        this.commandLine = commandLine;
    }

    /**
     * Tests whether workers could run: whether they have the rights that they need, and a Java runtime that takes its options.
     *
     * @throws StartException with everything that is in the way
     */
    public synchronized void check(HipacheConfig config) throws StartException {
        test(config);
        WorkerCommandLine.check(config.server());
    }

    /**
     * Starts the process that the next call of {@link #start} takes. The thread has to live as long as the supervisor: the
     * system tells the worker about the end of the thread that started it.
     */
    public synchronized void startAhead(HipacheConfig config) {
        try {
            List<String> command = command(config);
            ahead = new Ahead(command, WorkerProcess.start(command));
        } catch (IOException e) {
            log.debug("no worker is started ahead, the next attempt says why: {}", e.getMessage());
        }
    }

    /** Returns the process that was started ahead, or another one where this configuration needs another command line. */
    synchronized Process start(HipacheConfig config) throws IOException {
        List<String> command = command(config);
        Ahead present = ahead;
        if (present == null || !present.command().equals(command)) {
            return WorkerProcess.start(command);
        }
        ahead = null;
        return present.process();
    }

    private List<String> command(HipacheConfig config) throws IOException {
        try {
            test(config);
            return commandLine.after(prefix).words(config.server());
        } catch (StartException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** Tests the prefix of the command line once for each configuration that is read, because the test starts a process. */
    @SuppressWarnings("ReferenceEquality") // an equal configuration that was read later: the machine may have changed
    private void test(HipacheConfig config) throws StartException {
        if (config != tried) {
            prefix = WorkerPrivileges.prefix(config);
            tried = config;
        }
    }

    /** Ends the process that was started ahead, if nobody has taken it. */
    @Override
    public synchronized void close() {
        if (ahead != null) {
            ahead.process().destroyForcibly();
            ahead = null;
        }
    }
}
