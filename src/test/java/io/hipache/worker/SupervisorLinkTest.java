package io.hipache.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.link.WorkerMessage;
import io.hipache.link.WorkerMessages;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class SupervisorLinkTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Test
    void writesInOrderAndEverythingBeforeItCloses() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SupervisorLink link = new SupervisorLink(out);

        link.send(new WorkerMessage.Ready());
        assertThat(link.offer(lines())).isTrue();
        link.send(new WorkerMessage.Failed("why"));
        link.close(PATIENCE);

        ByteArrayInputStream in = new ByteArrayInputStream(out.toByteArray());
        assertThat(WorkerMessages.read(in)).isEqualTo(new WorkerMessage.Ready());
        assertThat(WorkerMessages.read(in)).isEqualTo(lines());
        assertThat(WorkerMessages.read(in)).isEqualTo(new WorkerMessage.Failed("why"));
    }

    @Test
    void asksForItsReplacementOnce() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SupervisorLink link = new SupervisorLink(out);

        link.askForReplacement("memory");
        link.askForReplacement("SIGTERM");
        link.close(PATIENCE);

        ByteArrayInputStream in = new ByteArrayInputStream(out.toByteArray());
        assertThat(WorkerMessages.read(in)).isEqualTo(new WorkerMessage.ReplaceMe("memory"));
        assertThat(WorkerMessages.read(in)).isInstanceOf(WorkerMessage.AccessLog.class);
    }

    @Test
    void refusesLinesAndNeverBlocksWhileTheSupervisorDoesNotRead() {
        StalledStream stalled = new StalledStream();
        SupervisorLink link = new SupervisorLink(stalled);

        for (int i = 0; i < SupervisorLink.MAX_WAITING_BATCHES; i++) {
            assertThat(link.offer(lines())).isTrue();
        }
        assertThat(link.offer(lines())).isFalse();
        link.send(new WorkerMessage.Failed("why"));

        stalled.released.countDown();
        link.close(PATIENCE);
        assertThat(link.offer(lines())).isTrue();
    }

    @Test
    void givesUpClosingWhenTheSupervisorDoesNotRead() {
        SupervisorLink link = new SupervisorLink(new StalledStream());
        link.send(new WorkerMessage.Failed("why"));

        link.close(Duration.ofMillis(10));

        assertThat(link.offer(lines())).isTrue();
    }

    private static WorkerMessage.AccessLog lines() {
        return new WorkerMessage.AccessLog(ByteBuffer.wrap(new byte[] {'x', '\n'}));
    }

    private static final class StalledStream extends OutputStream {
        private final CountDownLatch released = new CountDownLatch(1);

        @Override
        public void write(int b) throws IOException {
            try {
                released.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }
}
