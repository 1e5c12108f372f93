package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.Frame;
import io.hipache.testing.FrameClient;
import io.hipache.testing.Response;
import io.hipache.testing.TestHipache;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames for streams that cannot take them (RFC 9113 §5.1). */
class Http2StreamStatesIT {
    private static final int STREAM_CLOSED = 5;

    private static TestHipache hipache;

    @BeforeAll
    static void start() {
        hipache = TestHipache.withTls("");
    }

    @AfterAll
    static void stop() {
        hipache.close();
    }

    @BeforeEach
    void emptyStore() {
        hipache.redis().flush();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSecondHeadBehindTheEndOfTheRequestIsAnErrorOfTheStream(boolean endStream) {
        CountDownLatch never = new CountDownLatch(1);
        hipache.backendOf("a.example", Response.ok("hello").after(never));
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            client.get(1, "a.example", "/").headers(1, endStream, "x=1");

            assertThat(client.awaitReset(1)).isEqualTo(STREAM_CLOSED);
            assertThat(client.get(3, "__ping__", "/").readResponse(3).body()).isEqualTo("ok");
        } finally {
            never.countDown();
        }
    }

    @Test
    void aBodyBehindTheEndOfTheRequestIsAnErrorOfTheStream() {
        CountDownLatch never = new CountDownLatch(1);
        hipache.backendOf("a.example", Response.ok("hello").after(never));
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            client.get(1, "a.example", "/").data(1, true, "x");

            assertThat(client.awaitReset(1)).isEqualTo(STREAM_CLOSED);
        } finally {
            never.countDown();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFrameBehindTheEndOfBothSidesEndsTheConnection(boolean head) {
        hipache.backendOf("a.example", Response.ok("hello"));
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            assertThat(client.get(1, "a.example", "/").readResponse(1).body()).isEqualTo("hello");

            if (head) {
                client.get(1, "a.example", "/");
            } else {
                client.data(1, true, "x");
            }

            assertThat(client.awaitGoAway().error()).isEqualTo(STREAM_CLOSED);
            client.expectClosed();
        }
    }

    @Test
    void aStreamBelowThoseThatWereOpenedEndsTheConnection() {
        hipache.backendOf("a.example", Response.ok("hello"));
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            assertThat(client.get(5, "a.example", "/").readResponse(5).body()).isEqualTo("hello");

            client.get(3, "a.example", "/");

            assertThat(client.awaitGoAway().error()).isEqualTo(Frame.PROTOCOL_ERROR);
            client.expectClosed();
        }
    }

    @Test
    void aHeadBehindTheResetOfItsClientIsAnErrorOfTheStream() {
        hipache.backendOf("a.example", Response.ok("hello"));
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            client.post(1, "a.example").reset(1, 8).post(1, "a.example");

            assertThat(client.awaitReset(1)).isEqualTo(STREAM_CLOSED);
            assertThat(client.get(3, "a.example", "/").readResponse(3).body()).isEqualTo("hello");
        }
    }

    @Test
    void framesThatWereUnderWayWhenTheirStreamWasResetAreNoError() {
        hipache.backendOf("a.example", Response.status(413).body("no").early().closing());
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            client.post(1, "a.example").data(1, false, "x");
            assertThat(client.readResponse(1).status()).isEqualTo(413);
            client.awaitReset(1);

            client.data(1, false, "y").headers(1, true, "trailer=1");

            assertThat(client.get(3, "__ping__", "/").readResponse(3).body()).isEqualTo("ok");
        }
    }
}
