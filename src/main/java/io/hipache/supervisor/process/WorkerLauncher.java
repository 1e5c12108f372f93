package io.hipache.supervisor.process;

import io.hipache.config.ConfigJson;
import io.hipache.config.HipacheConfig;
import io.hipache.link.SocketHandover;
import io.hipache.link.WorkerMessage;
import io.hipache.supervisor.snapshot.Snapshot;
import io.hipache.supervisor.sockets.ListeningSocket;
import io.hipache.supervisor.sockets.ListeningSockets;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.util.List;

/** Starts the workers, and gives each its configuration, ticket keys, the snapshot and sockets. */
public final class WorkerLauncher implements Launcher {
    private final WorkerProcesses processes;
    private final ListeningSockets sockets;
    private final SocketHandover handover;
    private final MessageLog messages;
    private final TicketKeyRing tickets;
    private final Snapshot snapshot;

    public WorkerLauncher(
            WorkerProcesses processes,
            ListeningSockets sockets,
            SocketHandover handover,
            MessageLog messages,
            TicketKeyRing tickets,
            Snapshot snapshot) {
        this.processes = processes;
        this.sockets = sockets;
        this.handover = handover;
        this.messages = messages;
        this.tickets = tickets;
        this.snapshot = snapshot;
    }

    @Override
    public RunningWorker launch(int slot, HipacheConfig config, boolean served, RunningWorker.Listener listener)
            throws IOException {
        WorkerProcess worker = WorkerProcess.of(processes.start(config), listener, messages);
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
