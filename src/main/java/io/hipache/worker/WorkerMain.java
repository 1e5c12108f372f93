package io.hipache.worker;

import io.hipache.config.ConfigException;
import io.hipache.config.ConfigJson;
import io.hipache.config.HipacheConfig;
import io.hipache.link.ProcessName;
import io.hipache.link.ProcessSignals;
import io.hipache.link.WorkerMessage;
import io.hipache.link.WorkerMessages;
import io.hipache.messages.LogStyle;
import io.hipache.net.Transport;
import io.hipache.tls.TlsProvider;
import java.io.BufferedInputStream;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process of a worker. It reads the supervisor's messages from standard input and writes its own to standard
 * output.
 */
public final class WorkerMain {
    private static final Logger log = LoggerFactory.getLogger(WorkerMain.class);

    private static final Duration LINK_CLOSE = Duration.ofSeconds(1);

    /**
     * A SIGTERM may be one to the whole process group, as timeout(1) sends it: then the supervisor stops everything, and must not
     * start a replacement first because this process was quicker.
     */
    private static final long ECHO_MILLIS = 300;

    private final InputStream fromSupervisor;
    private final SupervisorLink supervisor;

    private WorkerMain(InputStream fromSupervisor, SupervisorLink supervisor) {
        this.fromSupervisor = fromSupervisor;
        this.supervisor = supervisor;
    }

    /** Runs the worker until it has ended and returns the exit code. Call this before anything is printed. */
    public static int run(ClientPipelines pipelines) {
        ignoreSignals();
        SupervisorLink supervisor = new SupervisorLink(claimStandardOutput());
        WorkerMain main =
                new WorkerMain(new BufferedInputStream(new FileInputStream(java.io.FileDescriptor.in)), supervisor);
        try {
            return main.runUntilEnded(pipelines) ? 0 : 1;
        } finally {
            supervisor.close(LINK_CLOSE);
        }
    }

    /** The supervisor answers these signals. Ctrl-C, for one, reaches all processes of the group. */
    private static void ignoreSignals() {
        // SIGUSR2 ends a JVM of Java 17 that does not handle it
        ProcessSignals.ignore("INT", "HUP", "USR1", "USR2");
    }

    /**
     * Standard output carries messages to the supervisor only. Anything that is printed goes to standard error, as the
     * log does.
     */
    private static FileOutputStream claimStandardOutput() {
        System.setOut(System.err);
        return new FileOutputStream(java.io.FileDescriptor.out);
    }

    private boolean runUntilEnded(ClientPipelines pipelines) {
        Executor later = CompletableFuture.delayedExecutor(ECHO_MILLIS, TimeUnit.MILLISECONDS, Runnable::run);
        Worker worker;
        try {
            if (!(WorkerMessages.read(fromSupervisor) instanceof WorkerMessage.Start start)) {
                throw new IOException("only the supervisor can start a worker");
            }
            ProcessName.set("hipache: wrk " + start.slot());
            HipacheConfig config = ConfigJson.decode(start.config());
            LogStyle.use(config.server().debug(), config.server().isoLogTime());
            receiveTicketKeys(config, pipelines);
            receiveKnown(config, pipelines);
            pipelines.tellLearned(supervisor);
            if (start.served()) {
                pipelines.othersServe();
            }
            worker = new Worker(
                    config,
                    start.slot(),
                    Transport.EPOLL.newEventLoop("loop"),
                    start.handoverAddress(),
                    pipelines,
                    supervisor);
            if (start.slot() == 0 && config.speaksTls()) {
                // one worker says it for all; the supervisor does not load the library
                log.info(TlsProvider.best().describe());
            }
            ProcessSignals.handle("TERM", () -> later.execute(() -> supervisor.askForReplacement("SIGTERM")));
        } catch (IOException | ConfigException | IllegalArgumentException e) {
            supervisor.send(new WorkerMessage.Failed(String.valueOf(e.getMessage())));
            return false;
        }
        // collects the garbage of the start now, while no client waits
        System.gc();
        supervisor.send(new WorkerMessage.Ready(worker.storeProblem()));
        Thread orders = new Thread(new Orders(fromSupervisor, worker, supervisor), "orders");
        orders.setDaemon(true);
        orders.start();
        worker.ended().join();
        return true;
    }

    private void receiveTicketKeys(HipacheConfig config, ClientPipelines pipelines) throws IOException {
        if (!config.speaksTls()) {
            return;
        }
        if (!(WorkerMessages.read(fromSupervisor) instanceof WorkerMessage.TicketKeys tickets)) {
            throw new IOException("the supervisor has sent no keys for TLS session tickets");
        }
        pipelines.useTicketKeys(tickets.keys());
    }

    private void receiveKnown(HipacheConfig config, ClientPipelines pipelines) throws IOException {
        boolean more = config.server().snapshot() != null;
        while (more) {
            if (!(WorkerMessages.read(fromSupervisor) instanceof WorkerMessage.Known known)) {
                throw new IOException("the supervisor has not sent all that it knows of the store");
            }
            pipelines.restore(known);
            more = !known.entries().isEmpty();
        }
    }
}
