package io.hipache.supervisor.process;

import io.hipache.config.HipacheConfig;
import io.hipache.supervisor.sockets.ListeningSocket;
import java.io.IOException;
import java.util.List;

/** Starts the workers, and gives them the sockets that they accept from. */
public interface Launcher {
    /**
     * Starts a worker. It sends {@link io.hipache.link.WorkerMessage.Ready} when it is ready.
     *
     * @param served whether other workers serve meanwhile
     */
    RunningWorker launch(int slot, HipacheConfig config, boolean served, RunningWorker.Listener listener)
            throws IOException;

    /**
     * Asks a worker to build a configuration beside the one that it follows.
     *
     * @param number of the configuration
     * @param present the configuration that the worker follows
     */
    void prepare(RunningWorker worker, int number, HipacheConfig present, HipacheConfig config);

    /** Asks a worker to adopt these sockets. Its configuration must have their listeners. */
    void offer(RunningWorker worker, HipacheConfig config, List<ListeningSocket> sockets);

    /** Withdraws offers to a worker that has ended, because another process may soon get the same process id. */
    void withdraw(RunningWorker worker);

    /** All open listening sockets. */
    List<ListeningSocket> sockets();

    /** Closes these sockets here. Workers that hold them keep the connections in their queues. */
    void close(List<ListeningSocket> sockets);
}
