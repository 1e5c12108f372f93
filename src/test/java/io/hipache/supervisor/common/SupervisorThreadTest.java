package io.hipache.supervisor.common;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SupervisorThreadTest {

    @Test
    void reportsAnErrorOfATaskAsItReportsAnException() throws InterruptedException {
        BlockingQueue<Throwable> bugs = new LinkedBlockingQueue<>();
        Error missing = new NoClassDefFoundError("io/hipache/Missing");
        RuntimeException bug = new IllegalStateException("a bug");

        try (SupervisorThread thread = new SupervisorThread(bugs::add)) {
            thread.run(() -> {
                throw missing;
            });
            thread.run(() -> {
                throw bug;
            });

            assertThat(bugs.poll(10, TimeUnit.SECONDS)).isSameAs(missing);
            assertThat(bugs.poll(10, TimeUnit.SECONDS)).isSameAs(bug);
        }
    }
}
