package io.hipache.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.link.WorkerMessage;
import io.hipache.testing.LeakDetector;
import io.hipache.testing.RawClient;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestCertificate;
import io.hipache.testing.TestRedis;
import java.io.File;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Nothing of an earlier configuration stays. {@code -Dreloads=1000} reloads more often than every build does. */
class ReloadLeaksIT {
    private static final int RELOADS = Integer.getInteger("reloads", 40);

    /** What a JVM opens and starts by itself meanwhile. */
    private static final int SLACK = 6;

    @Test
    void nothingOfAnEarlierConfigurationStays() throws Exception {
        try (TestRedis redis = TestRedis.start();
                TestBackend backend = TestBackend.answering(Response.ok("hello"));
                RunningWorker worker = new RunningWorker(redis, config(0));
                RawClient idle = worker.client();
                RawClient client = worker.client()) {
            redis.rpush("frontend:a.example", "a", backend.url());
            idle.get("a.example", "/").readResponse();
            List<WeakReference<?>> earlier = new ArrayList<>();
            reload(worker, client, 1, 10, earlier);
            settle(worker, backend);
            int files = files();
            int threads = Thread.activeCount();

            reload(worker, client, 11, RELOADS, earlier);

            settle(worker, backend);
            assertThat(Thread.activeCount()).isLessThan(threads + SLACK);
            assertThat(files()).isLessThan(files + SLACK);
            assertThat(worker.onLoop(worker.pipelines()::upstreamSockets)).isEqualTo(1);
            client.get("a.example", "/").readResponse();
            // all but the one in force; the TLS of one can be in use a little longer
            await().until(() -> {
                System.gc();
                return earlier.stream()
                                .map(WeakReference::get)
                                .filter(Objects::nonNull)
                                .count()
                        <= 2;
            });
        }
        LeakDetector.expectNone();
    }

    /** Each configuration differs from the one before, in turn in each of its parts. */
    private static void reload(
            RunningWorker worker, RawClient client, int from, int to, List<WeakReference<?>> earlier) {
        for (int i = from; i <= to; i++) {
            earlier.add(new WeakReference<>(worker.worker().served()));
            worker.follows(config(i));
            client.get("a.example", "/").readResponse();
            int unused = worker.prepare(worker.config(config(i + 1_000)));
            worker.await(new WorkerMessage.Prepared(unused, ""));
            worker.order(new WorkerMessage.Discard(unused));
        }
    }

    private static String config(int i) {
        TestCertificate certificate = i % 4 < 2 ? TestCertificate.A : TestCertificate.B;
        return "{'server': {'memoryLimit': 4000, 'deadBackendTTL': " + (30 + i % 2 + i / 1_000) + ", 'maxSockets': "
                + (100 + i % 3)
                + ", 'lruCache': {'size': " + (1 + i % 5) + ", 'ttl': 1}}"
                + ", 'http': {'bind': [{'address': '127.0.0.1', 'port': 1}]}"
                + ", 'https': {'bind': [{'address': '127.0.0.1', 'port': 2}], 'key': '" + certificate.keyFile()
                + "', 'cert': '" + certificate.certFile() + "'}, 'driver': 'REDIS'}";
    }

    private static void settle(RunningWorker worker, TestBackend backend) {
        await().until(() -> worker.storeConnections() == 1 && backend.openConnections() == 1);
    }

    private static int files() {
        return Objects.requireNonNull(new File("/proc/self/fd").list()).length;
    }
}
