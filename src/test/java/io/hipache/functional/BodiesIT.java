package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.BigBody;
import io.hipache.testing.Drip;
import io.hipache.testing.Misbehaviour;
import io.hipache.testing.RawClient;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Large bodies, slow ends and broken ones. */
class BodiesIT {
    private static final int ONE_GIBIBYTE = 1024;
    /** Far above what two sockets' buffers, Netty's water marks and a read need; far below any body of these tests. */
    private static final long MODEST_BYTES = 32L << 20;

    /** Their answers fill more than {@link #MODEST_BYTES} several times. */
    private static final int ROUNDS_OF_PINGS = 150;

    @RegisterExtension
    static final TestHipache hipache = TestHipache.start();

    @Test
    void aGibibytePassesInEitherDirectionInBoundedMemory() {
        BigBody body = BigBody.ofMebibytes(ONE_GIBIBYTE);
        long before = usedByBuffers();
        TestBackend backend = hipache.backendOf("a.example", Response.ok("stored"));
        try (RawClient client = hipache.client()) {
            client.send("PUT / HTTP/1.1\r\nHost: a.example\r\nContent-Length: " + body.length() + "\r\n\r\n");
            client.send(body);
            assertThat(client.readResponse().body()).isEqualTo("stored");
            assertThat(backend.awaitRequest().digest()).isEqualTo(body.digest());

            backend.answers(Response.ok().chunked(body));
            assertThat(client.get("a.example", "/").readResponse().digest()).isEqualTo(body.digest());
        }

        assertThat(usedByBuffers() - before).isLessThan(MODEST_BYTES);
    }

    @Test
    void aClientThatDoesNotReadStopsTheBackend() {
        BigBody body = BigBody.ofMebibytes(256);
        long before = usedByBuffers();
        hipache.backendOf("a.example", Response.ok().body(body));
        try (RawClient client = RawClient.connectWithReceiveBuffer(hipache.port(), 64 << 10)) {
            client.get("a.example", "/").readHead();

            Awaitility.await().during(Duration.ofMillis(500)).until(() -> usedByBuffers() - before < MODEST_BYTES);
        }
    }

    @Test
    void aClientThatFetchesNoAnswersGetsNoOthers() {
        byte[] pings = "GET / HTTP/1.1\r\nHost: __ping__\r\n\r\n".repeat(10_000).getBytes(StandardCharsets.US_ASCII);
        AtomicInteger sent = new AtomicInteger();
        long before = usedByBuffers();
        try (RawClient client = RawClient.connectWithReceiveBuffer(hipache.port(), 64 << 10)) {
            Thread sending = new Thread(() -> {
                while (sent.get() < ROUNDS_OF_PINGS) {
                    client.send(pings);
                    sent.incrementAndGet();
                }
            });
            sending.setUncaughtExceptionHandler((thread, closedInTheEnd) -> {});
            sending.start();

            awaitStandstill(sent);

            assertThat(sent.get()).isLessThan(ROUNDS_OF_PINGS);
            assertThat(usedByBuffers() - before).isLessThan(MODEST_BYTES);
            assertThat(client.readResponse().body()).isEqualTo("ok");
        }
    }

    private static void awaitStandstill(AtomicInteger count) {
        int[] last = {-1};
        Awaitility.await()
                .during(Duration.ofSeconds(1))
                .pollInterval(Duration.ofMillis(250))
                .until(() -> {
                    boolean stands = last[0] == count.get();
                    last[0] = count.get();
                    return stands;
                });
    }

    @Test
    void aBackendThatDoesNotReadStopsTheClient() {
        BigBody body = BigBody.ofMebibytes(64);
        CountDownLatch read = new CountDownLatch(1);
        long before = usedByBuffers();
        TestBackend backend =
                hipache.backendOf("a.example", Response.ok("stored").readingAfter(read));
        try (RawClient client = hipache.client()) {
            Thread upload = new Thread(() -> {
                client.send("PUT / HTTP/1.1\r\nHost: a.example\r\nContent-Length: " + body.length() + "\r\n\r\n");
                client.send(body);
            });
            upload.start();
            backend.awaitRequest();
            Awaitility.await().during(Duration.ofMillis(300)).until(() -> usedByBuffers() - before < MODEST_BYTES);

            read.countDown();

            assertThat(client.readResponse().body()).isEqualTo("stored");
        }
    }

    @Test
    void aClientThatLeavesFreesItsBackendAtOnce() {
        Drip drip = new Drip();
        TestBackend backend = hipache.backendOf("a.example", Response.ok().from(drip));
        try (RawClient client = hipache.client()) {
            client.get("a.example", "/").readHead();
        }

        drip.awaitAbandoned();

        assertThat(backend.awaitRequest().target()).isEqualTo("/");
    }

    @Test
    void aClientThatLeavesBeforeTheAnswerFreesItsBackendAtOnce() {
        TestBackend backend = hipache.backendOf("a.example", Response.ok());
        backend.misbehaves(new Misbehaviour.Stall());
        try (RawClient client = hipache.client()) {
            client.get("a.example", "/");
            backend.awaitRequest();
        }

        Awaitility.await().until(() -> backend.openConnections() == 0);

        assertThat(hipache.awaitAccessLog(1)).last().satisfies(entry -> assertThat(entry.status())
                .isEqualTo(499));
    }

    @Test
    void aBodyThatBreaksOffIsNeverShownAsComplete() {
        Drip sized = new Drip();
        hipache.backendOf("sized.example", Response.ok().from(sized, 10));
        try (RawClient client = hipache.client()) {
            client.get("sized.example", "/");
            sized.send("half");
            sized.cut();

            assertThat(client.readBrokenResponse().body()).isEqualTo("half");
        }

        Drip chunked = new Drip();
        hipache.backendOf("chunked.example", Response.ok().from(chunked));
        try (RawClient client = hipache.client()) {
            client.get("chunked.example", "/");
            chunked.send("half");
            chunked.cut();

            assertThat(client.readBrokenResponse().body()).isEqualTo("half");
        }
    }

    @Test
    void aBrokenBodyWithoutFramingEndsInAResetForAClientOfHttp10() {
        Drip drip = new Drip();
        hipache.backendOf("a.example", Response.ok().from(drip));
        try (RawClient client = hipache.client()) {
            client.send("GET / HTTP/1.0\r\nHost: a.example\r\n\r\n");
            client.readHead();
            drip.send("half");
            client.readUntil("half");
            drip.cut();

            client.expectReset();
        }
    }

    @Test
    void anAnswerBeforeTheEndOfTheUploadReachesTheClient() {
        hipache.backendOf(
                "a.example", Response.status(413).body("too much").early().closing());
        BigBody body = BigBody.ofMebibytes(8);
        try (RawClient client = hipache.client()) {
            client.send("PUT / HTTP/1.1\r\nHost: a.example\r\nContent-Length: " + body.length() + "\r\n\r\n");
            client.send("the beginning");

            assertThat(client.readResponse().status()).isEqualTo(413);
            client.expectClosed();
        }
    }

    /** What Netty holds for everybody on this loop. */
    private static long usedByBuffers() {
        return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT)
                .metric()
                .usedDirectMemory();
    }
}
