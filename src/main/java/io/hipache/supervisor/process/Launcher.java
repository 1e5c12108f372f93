package io.hipache.supervisor.process;

import io.hipache.config.HipacheConfig;
import io.hipache.supervisor.sockets.ListeningSocket;
import java.io.IOException;
import java.util.List;

/** What is around the workers: how they are started, and the sockets they accept from. */
public interface Launcher {
    /** Starts a worker, which says so when it is ready. */
    RunningWorker launch(int slot, HipacheConfig config, RunningWorker.Listener listener) throws IOException;

    /** Has a worker adopt these sockets, whose listeners are in its configuration. */
    void offer(RunningWorker worker, HipacheConfig config, List<ListeningSocket> sockets);

    /** To be called when a worker has ended: its process id may soon be another process's. */
    void withdraw(RunningWorker worker);

    /** Every listening socket there is. */
    List<ListeningSocket> sockets();

    /** Accepts nothing more; what waits in the queues is up to the workers that hold these sockets. */
    void close(List<ListeningSocket> sockets);
}
