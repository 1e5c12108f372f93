package io.hipache.supervisor;

import io.hipache.link.SocketHandover;
import io.hipache.link.WorkerMessage;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Starts one worker after the other and gives each what it needs. */
final class WorkerLauncher {
    private final List<String> command;
    private final String config;
    private final ListeningSockets sockets;
    private final SocketHandover handover;
    private final MessageLog messages;
    private final @Nullable TicketKeyRing tickets;

    /**
     * @param config as JSON, for the worker's pipe
     * @param tickets null without TLS
     */
    WorkerLauncher(
            WorkerCommandLine commandLine,
            String config,
            ListeningSockets sockets,
            SocketHandover handover,
            MessageLog messages,
            @Nullable TicketKeyRing tickets) {
        this.command = commandLine.words();
        this.config = config;
        this.sockets = sockets;
        this.handover = handover;
        this.messages = messages;
        this.tickets = tickets;
    }

    WorkerProcess launch(int slot, WorkerProcess.Listener listener) throws IOException {
        WorkerProcess worker = WorkerProcess.start(command, slot, listener, messages);
        String token = SocketHandover.randomToken();
        handover.offer(worker.pid(), token, sockets.ofSlot(slot));
        worker.send(new WorkerMessage.Start(config, slot, handover.address(), token));
        if (tickets != null) {
            worker.send(tickets.message());
        }
        return worker;
    }

    /** To be called when a worker has ended: its process id may soon be another process's. */
    void forget(WorkerProcess worker) {
        handover.withdraw(worker.pid());
    }

    /** Accepts nothing more; what waits in the queues is up to the workers. */
    void closeSockets() {
        sockets.close();
    }
}
