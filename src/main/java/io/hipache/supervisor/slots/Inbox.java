package io.hipache.supervisor.slots;

import io.hipache.link.WorkerMessage;
import io.hipache.supervisor.common.Scheduler;
import io.hipache.supervisor.process.RunningWorker;
import java.util.concurrent.Semaphore;
import java.util.function.BiConsumer;

/**
 * Passes the messages of one worker to the supervisor's thread. A worker that says more than the supervisor handles has to
 * wait, because its messages are not read meanwhile. So no worker can fill the supervisor's memory with messages. Called on
 * the thread that reads from the worker.
 */
final class Inbox implements RunningWorker.Listener {
    /** Far more than a worker says at a time. */
    static final int MOST_WAITING = 16;

    private final Scheduler scheduler;
    private final RunningWorker.Listener aside;
    private final BiConsumer<RunningWorker, WorkerMessage> handler;
    private final Semaphore room = new Semaphore(MOST_WAITING);

    /** @param aside takes what no decision depends on, without the supervisor's thread */
    Inbox(Scheduler scheduler, RunningWorker.Listener aside, BiConsumer<RunningWorker, WorkerMessage> handler) {
        this.scheduler = scheduler;
        this.aside = aside;
        this.handler = handler;
    }

    @Override
    public void received(RunningWorker worker, WorkerMessage message) throws InterruptedException {
        if (message instanceof WorkerMessage.AccessLog
                || message instanceof WorkerMessage.Known
                || message instanceof WorkerMessage.Figures) {
            aside.received(worker, message);
            return;
        }
        room.acquire();
        scheduler.run(() -> {
            room.release();
            handler.accept(worker, message);
        });
    }
}
