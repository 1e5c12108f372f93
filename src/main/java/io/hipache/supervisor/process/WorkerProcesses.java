package io.hipache.supervisor.process;

import io.hipache.config.HipacheConfig;
import io.hipache.supervisor.common.StartException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the processes of workers. One process can be started ahead, as soon as the configuration is known: its Java runtime
 * then starts while the supervisor opens the sockets and the logs. The process waits for its configuration, and touches nothing
 * before. One thread uses this at a time; {@link #close} may be called on any.
 */
public final class WorkerProcesses implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WorkerProcesses.class);

    private final WorkerCommandLine commandLine;
    private final AtomicReference<@Nullable Ahead> ahead = new AtomicReference<>();
    private @Nullable HipacheConfig tried;
    private List<String> prefix = List.of();

    private record Ahead(List<String> command, Process process) {}

    public WorkerProcesses(WorkerCommandLine commandLine) {
        this.commandLine = commandLine;
    }

    /**
     * Starts the process that the next call of {@link #start} takes. The thread has to live as long as the supervisor: the
     * system tells the worker about the end of the thread that started it.
     *
     * @throws StartException when workers do not have the rights that they need
     */
    public void startAhead(HipacheConfig config) throws StartException {
        List<String> command = command(config);
        try {
            end(ahead.getAndSet(new Ahead(command, WorkerProcess.start(command))));
        } catch (IOException e) {
            log.debug("no worker is started ahead, the next attempt says why: {}", e.getMessage());
        }
    }

    /** Returns the process that was started ahead, or another one where this configuration needs another command line. */
    Process start(HipacheConfig config) throws IOException {
        List<String> command;
        try {
            command = command(config);
        } catch (StartException e) {
            throw new IOException(e.getMessage(), e);
        }
        Ahead present = ahead.getAndSet(null);
        if (present != null && present.command().equals(command)) {
            return present.process();
        }
        end(present);
        return WorkerProcess.start(command);
    }

    /** Ends the process that was started ahead, if nobody has taken it. */
    @Override
    public void close() {
        end(ahead.getAndSet(null));
    }

    private static void end(@Nullable Ahead unused) {
        if (unused != null) {
            unused.process().destroyForcibly();
        }
    }

    private List<String> command(HipacheConfig config) throws StartException {
        testRights(config);
        return commandLine.after(prefix).words(config.server());
    }

    /**
     * Tests once for each configuration that is read whether its workers have the rights that they need. The test starts a
     * process.
     *
     * @throws StartException when they do not
     */
    @SuppressWarnings("ReferenceEquality") // an equal configuration that was read later: the machine may have changed
    public void testRights(HipacheConfig config) throws StartException {
        if (config != tried) {
            prefix = WorkerPrivileges.prefix(config);
            tried = config;
        }
    }
}
