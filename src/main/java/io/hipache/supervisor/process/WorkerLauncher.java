package io.hipache.supervisor.process;

import io.hipache.config.ConfigJson;
import io.hipache.config.HipacheConfig;
import io.hipache.link.SocketHandover;
import io.hipache.link.WorkerMessage;
import io.hipache.supervisor.common.StartException;
import io.hipache.supervisor.snapshot.Snapshot;
import io.hipache.supervisor.sockets.ListeningSocket;
import io.hipache.supervisor.sockets.ListeningSockets;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Starts the worker processes, and gives each its configuration, ticket keys, the snapshot and sockets. */
public final class WorkerLauncher implements Launcher {
    private final WorkerCommandLine commandLine;
    private final ListeningSockets sockets;
    private final SocketHandover handover;
    private final MessageLog messages;
    private final TicketKeyRing tickets;
    private final Snapshot snapshot;
    private @Nullable HipacheConfig tried;
    private List<String> prefix = List.of();

    public WorkerLauncher(
            WorkerCommandLine commandLine,
            ListeningSockets sockets,
            SocketHandover handover,
            MessageLog messages,
            TicketKeyRing tickets,
            Snapshot snapshot) {
        this.commandLine = commandLine;
        this.sockets = sockets;
        this.handover = handover;
        this.messages = messages;
        this.tickets = tickets;
        this.snapshot = snapshot;
    }

    @Override
    public RunningWorker launch(int slot, HipacheConfig config, boolean served, RunningWorker.Listener listener)
            throws IOException {
        WorkerProcess worker = WorkerProcess.start(command(config), listener, messages);
        worker.send(new WorkerMessage.Start(ConfigJson.encode(config), slot, handover.address(), served));
        if (config.speaksTls()) {
            worker.send(tickets.message());
        }
        worker.sendAll(snapshot.messages(config));
        return worker;
    }

    @Override
    public void prepare(RunningWorker worker, int number, HipacheConfig present, HipacheConfig config) {
        if (config.speaksTls() && !present.speaksTls()) {
            // a worker without TLS was started without keys
            worker.send(tickets.message());
        }
        worker.send(new WorkerMessage.Prepare(number, ConfigJson.encode(config)));
    }

    /** Tests the prefix of the command line once for each configuration, because the test starts a process. */
    private List<String> command(HipacheConfig config) throws IOException {
        try {
            if (!config.equals(tried)) {
                prefix = WorkerPrivileges.prefix(config);
                tried = config;
            }
            return commandLine.after(prefix).words(config.server());
        } catch (StartException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public void offer(RunningWorker worker, HipacheConfig config, List<ListeningSocket> handed) {
        List<FileDescriptor> descriptors =
                handed.stream().map(sockets::descriptor).toList();
        String token = handover.offer(worker.pid(), descriptors);
        worker.send(new WorkerMessage.Adopt(
                token,
                handed.stream()
                        .map(socket -> new WorkerMessage.Adopt.Socket(socket.id(), socket.indexIn(config.listeners())))
                        .toList()));
    }

    @Override
    public void withdraw(RunningWorker worker) {
        handover.withdraw(worker.pid());
    }

    @Override
    public List<ListeningSocket> sockets() {
        return sockets.all();
    }

    @Override
    public void close(List<ListeningSocket> some) {
        sockets.close(some);
    }
}
