package io.hipache.supervisor.slots;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.config.ConfigException;
import io.hipache.config.ConfigJson;
import io.hipache.link.WorkerMessage;
import io.hipache.supervisor.common.Scheduler;
import io.hipache.supervisor.process.RunningWorker;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class InboxTest {
    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final List<WorkerMessage> handled = new CopyOnWriteArrayList<>();
    private final Inbox inbox =
            new Inbox(new Queued(), (worker, lines) -> {}, (worker, message) -> handled.add(message));

    @Test
    void letsAWorkerThatSaysTooMuchWait() throws Exception {
        RunningWorker worker = worker();
        AtomicInteger said = new AtomicInteger();
        Thread reader = new Thread(() -> {
            try {
                for (int i = 0; i < 10 * Inbox.MOST_WAITING; i++) {
                    inbox.received(worker, new WorkerMessage.Pong(i));
                    said.incrementAndGet();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });

        reader.start();
        await().until(() -> reader.getState() == Thread.State.WAITING);

        assertThat(said).hasValue(Inbox.MOST_WAITING);
        assertThat(handled).isEmpty();
        while (handled.size() < 10 * Inbox.MOST_WAITING) {
            tasks.take().run();
            assertThat(tasks).hasSizeLessThanOrEqualTo(Inbox.MOST_WAITING);
        }
        reader.join();
    }

    private RunningWorker worker() throws IOException, ConfigException {
        return new FakeWorkers(new ManualScheduler()).launch(0, ConfigJson.decode("{}"), false, inbox);
    }

    /** Runs nothing by itself. */
    private final class Queued implements Scheduler {
        @Override
        public void run(Runnable task) {
            tasks.add(task);
        }

        @Override
        public void later(Duration delay, Runnable task) {
            tasks.add(task);
        }
    }
}
