package io.hipache.worker;

import io.hipache.link.WorkerMessage;
import io.hipache.link.WorkerMessages;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears what the supervisor wants, on a thread of its own. The end of the stream means that there is no supervisor any
 * more, however it died, and no worker outlives it.
 */
final class Orders implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(Orders.class);

    private static final Duration ORPHAN_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration LOOP_TIMEOUT = Duration.ofSeconds(2);

    private final InputStream in;
    private final Worker worker;
    private final Duration gracefulWait;
    private final Duration stopTimeout;

    /**
     * @param gracefulWait for what is in flight when another worker takes over
     * @param stopTimeout for what is in flight when the whole program stops
     */
    Orders(InputStream in, Worker worker, Duration gracefulWait, Duration stopTimeout) {
        this.in = in;
        this.worker = worker;
        this.gracefulWait = gracefulWait;
        this.stopTimeout = stopTimeout;
    }

    @Override
    public void run() {
        try {
            for (WorkerMessage order = WorkerMessages.read(in); order != null; order = WorkerMessages.read(in)) {
                if (order instanceof WorkerMessage.Stop) {
                    worker.stop(stopTimeout);
                } else if (order instanceof WorkerMessage.Retire) {
                    worker.leave(gracefulWait);
                } else if (order instanceof WorkerMessage.TicketKeys tickets) {
                    worker.useTicketKeys(tickets.keys());
                }
            }
        } catch (IOException e) {
            log.error("the supervisor cannot be understood: {}", e.getMessage());
        }
        endWithoutSupervisor();
    }

    private void endWithoutSupervisor() {
        worker.stop(stopTimeout.compareTo(ORPHAN_TIMEOUT) < 0 ? stopTimeout : ORPHAN_TIMEOUT);
        try {
            worker.ended().get(ORPHAN_TIMEOUT.plus(LOOP_TIMEOUT).toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException | InterruptedException e) {
            // an event loop that hangs must not keep an orphan alive
            Runtime.getRuntime().halt(1);
        }
    }
}
