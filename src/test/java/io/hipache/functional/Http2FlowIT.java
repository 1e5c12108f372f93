package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.BigBody;
import io.hipache.testing.Drip;
import io.hipache.testing.Frame;
import io.hipache.testing.FrameClient;
import io.hipache.testing.OutputEnd;
import io.hipache.testing.ReceivedRequest;
import io.hipache.testing.Response;
import io.hipache.testing.StreamResponse;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who does not read holds up its own stream and nobody else's; who does nothing at all is let go. */
class Http2FlowIT {
    private static final int WINDOW = 65535;

    private static TestHipache hipache;

    @BeforeAll
    static void start() {
        hipache = TestHipache.withTls("'tcpTimeout': 2");
    }

    @AfterAll
    static void stop() {
        hipache.close();
    }

    @BeforeEach
    void emptyStore() {
        hipache.redis().flush();
        hipache.backendOf("good.example", Response.ok("hello"));
    }

    @Test
    void aClientThatDoesNotReadStopsItsBackendAndNobodyElse() {
        BigBody body = BigBody.ofMebibytes(64);
        AtomicLong sent = new AtomicLong();
        hipache.backendOf("a.example", (request, wire) -> {
            wire.send("HTTP/1.1 200 OK\r\ncontent-length: " + body.length() + "\r\n\r\n");
            byte[] piece = new byte[1 << 16];
            for (long left = body.length(); left > 0; left -= piece.length) {
                wire.send(piece);
                sent.addAndGet(piece.length);
            }
        });
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            client.openWindow(0, 1 << 20).get(1, "a.example", "/");

            // the timeout ends it, and with it the backend's attempt to send
            assertThat(client.awaitReset(1)).isEqualTo(Frame.INTERNAL_ERROR);
            assertThat(sent.get()).as("what sockets and buffers took").isLessThan(32L << 20);
            assertThat(client.passedOver(Frame::isEndOfStream)).isFalse();
            assertThat(client.get(3, "good.example", "/").readResponse(3).body())
                    .isEqualTo("hello");
        }
    }

    @Test
    void interimResponsesWithoutEndAreA502() {
        byte[] hints = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        AtomicBoolean stopped = new AtomicBoolean();
        hipache.backendOf("a.example", (request, wire) -> {
            try {
                while (true) {
                    wire.send(hints);
                }
            } catch (IOException e) {
                stopped.set(true);
            }
        });
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            StreamResponse response = client.get(1, "a.example", "/").readResponse(1);

            assertThat(response.status()).isEqualTo(502);
            assertThat(response.interim()).hasSizeLessThanOrEqualTo(100).containsOnly(103);
            Awaitility.await().untilTrue(stopped);
        }
    }

    @Test
    void aClientThatReadsGetsEverything() {
        String text = "0123456789".repeat(100_000);
        hipache.backendOf("a.example", Response.ok(text));
        hipache.backendOf("chunks.example", Response.ok().chunked(text));
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            client.openWindow(0, 1 << 24).get(1, "a.example", "/").get(3, "chunks.example", "/");

            StreamResponse first = client.readResponse(1);
            StreamResponse second = client.readResponse(3);
            assertThat(first.body()).isEqualTo(text);
            assertThat(second.body()).isEqualTo(text);
        }
    }

    @Test
    void aClientThatReadsSlowlyIsNotCut() {
        String text = "0123456789".repeat(20_000);
        hipache.backendOf("a.example", Response.ok(text));
        AtomicInteger pieces = new AtomicInteger();
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            client.openWindow(0, 1 << 24).get(1, "a.example", "/");

            // seven pauses take longer than the timeout of two seconds
            Awaitility.await().pollInterval(Duration.ofMillis(400)).until(() -> {
                client.openWindow(1, 1000);
                return pieces.incrementAndGet() == 7;
            });
            client.openWindow(1, 1 << 24);

            assertThat(client.readResponse(1).body()).isEqualTo(text);
        }
    }

    @Test
    void aBackendThatDoesNotReadStopsItsUploadAndNobodyElse() {
        CountDownLatch read = new CountDownLatch(1);
        TestBackend backend =
                hipache.backendOf("a.example", Response.ok("stored").readingAfter(read));
        String piece = "x".repeat(16 * 1024 - 1);
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            client.post(1, "a.example");
            long sent = 0;
            long window = WINDOW;
            // until the stream's window stays shut: sockets take some megabytes
            while (window >= piece.length()) {
                client.data(1, false, piece);
                sent += piece.length();
                window -= piece.length();
                client.frame(Frame.PING, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)
                        .await("the answer to a ping", frame -> frame.type() == Frame.PING);
                window += opened(client, 1);
            }
            assertThat(sent).isGreaterThan(WINDOW / 2);
            assertThat(client.get(3, "good.example", "/").readResponse(3).body())
                    .isEqualTo("hello");
            client.post(5, "good.example").data(5, true, "another upload");
            assertThat(client.readResponse(5).body()).isEqualTo("hello");

            read.countDown();
            client.data(1, true, "");

            assertThat(client.readResponse(1).body()).isEqualTo("stored");
            assertThat(backend.awaitRequest().bodyBytesSoFar()).isEqualTo(sent);
        }
    }

    private static int opened(FrameClient client, int stream) {
        int sum = 0;
        while (client.passedOver(frame -> isUpdate(frame, stream))) {
            sum += client.await("an update", frame -> isUpdate(frame, stream)).firstNumber();
        }
        return sum;
    }

    private static boolean isUpdate(Frame frame, int stream) {
        return frame.type() == Frame.WINDOW_UPDATE && frame.stream() == stream;
    }

    @Test
    void manySmallFramesForABackendThatDoesNotReadArriveWhole() {
        CountDownLatch connect = new CountDownLatch(1);
        TestBackend backend =
                hipache.backendOf("a.example", Response.ok("stored").readingAfter(connect));
        StringBuilder all = new StringBuilder();
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            client.post(1, "a.example");
            for (int i = 0; i < 5000; i++) {
                client.data(1, false, Integer.toString(i % 10));
                all.append(i % 10);
            }
            connect.countDown();
            client.data(1, true, "");

            assertThat(client.readResponse(1).body()).isEqualTo("stored");
        }
        assertThat(backend.awaitRequest().body()).isEqualTo(all.toString());
    }

    /** It fills what the kernel takes for it. {@code StuckReadersIT} has those that do not end their output. */
    @Test
    void aClientThatEndsItsOutputAndNeverReadsIsEnded() {
        hipache.awaitNoClients();
        hipache.backendOf("a.example", Response.ok().body(BigBody.ofMebibytes(64)));
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            int window = Integer.MAX_VALUE - 65535;
            client.openWindow(0, window).get(1, "a.example", "/").openWindow(1, window);
            client.await("a part of the body", frame -> frame.type() == Frame.DATA);
            client.end(OutputEnd.BOTH);

            hipache.awaitNoClients();
        }
    }

    @Test
    void aBackendThatSaysNothingIsA504OnItsStream() {
        hipache.backendOf("a.example", (request, wire) -> wire.awaitClose());
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            client.get(1, "a.example", "/");

            assertThat(client.readResponse(1).status()).isEqualTo(504);
            assertThat(client.get(3, "good.example", "/").readResponse(3).body())
                    .isEqualTo("hello");
        }
    }

    @Test
    void aBackendThatStallsInItsBodyIsCutOff() {
        Drip drip = new Drip();
        hipache.backendOf("a.example", Response.ok().from(drip));
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            client.get(1, "a.example", "/");
            drip.send("half");

            assertThat(client.awaitReset(1)).isEqualTo(Frame.INTERNAL_ERROR);
        }
    }

    @Test
    void aClientThatStallsInItsBodyIsCutOff() {
        TestBackend backend = hipache.backendOf("a.example", Response.ok());
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            client.post(1, "a.example").data(1, false, "half");

            assertThat(client.awaitReset(1)).isEqualTo(Frame.INTERNAL_ERROR);
        }
        ReceivedRequest request = backend.awaitRequest();
        request.awaitBrokenBody();
    }

    @Test
    void anIdleConnectionIsTakenLeaveOfAndClosed() {
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            client.get(1, "good.example", "/").readResponse(1);

            Frame goAway = client.awaitGoAway();
            assertThat(goAway.error()).isEqualTo(Frame.NO_ERROR);
            assertThat(goAway.firstNumber()).isEqualTo(1);
            client.expectClosed();
        }
    }

    @Test
    void aClientThatOnlyPingsIsIdle() {
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            Awaitility.await().pollInterval(Duration.ofMillis(200)).until(() -> {
                client.frame(Frame.PING, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
                Frame frame =
                        client.await("an answer, or the end", f -> f.type() == Frame.PING || f.type() == Frame.GOAWAY);
                return frame.type() == Frame.GOAWAY;
            });
        }
    }

    @Test
    void aClientThatNeverBeginsIsClosed() {
        try (FrameClient silent = FrameClient.handshake(hipache.port(1));
                FrameClient half = FrameClient.handshake(hipache.port(1)).preface()) {
            silent.expectClosed();
            half.expectClosed();
        }
    }

    @Test
    void onDrainStreamsInFlightFinishAndNewOnesAreRefused() {
        CountDownLatch answer = new CountDownLatch(1);
        TestBackend backend = hipache.backendOf("a.example", Response.ok("late").after(answer));
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            client.get(1, "a.example", "/");
            backend.awaitRequest();

            hipache.drain();
            assertThat(client.awaitGoAway().firstNumber()).isEqualTo(Integer.MAX_VALUE);
            Frame ping = client.await("a ping", frame -> frame.type() == Frame.PING);
            // sent before it could know
            client.get(3, "good.example", "/");
            client.send(FrameClient.bytes(Frame.PING, Frame.ACK, 0, ping.payload()));
            assertThat(client.readResponse(3).body()).isEqualTo("hello");
            assertThat(client.awaitGoAway().firstNumber()).isEqualTo(3);
            client.get(5, "good.example", "/");
            assertThat(client.awaitReset(5)).isEqualTo(Frame.REFUSED_STREAM);

            answer.countDown();
            assertThat(client.readResponse(1).body()).isEqualTo("late");
            client.expectClosed();
        }
    }

    @Test
    void onDrainAnIdleConnectionEnds() {
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            client.get(1, "good.example", "/").readResponse(1);

            hipache.drain();
            Frame ping = client.await("a ping", frame -> frame.type() == Frame.PING);
            client.send(FrameClient.bytes(Frame.PING, Frame.ACK, 0, ping.payload()));

            client.expectClosed();
        }
    }

    @Test
    void aConnectionThatEndsEndsItsExchanges() {
        Drip drip = new Drip();
        hipache.backendOf("a.example", Response.ok().from(drip));
        int before = hipache.accessLog().size();
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            client.get(1, "a.example", "/").get(3, "a.example", "/");
            client.await("a head", frame -> frame.type() == Frame.HEADERS);
        }

        Awaitility.await().until(() -> hipache.accessLog().size() > before);
        drip.awaitAbandoned();
    }
}
