package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.BigBody;
import io.hipache.testing.Drip;
import io.hipache.testing.RawClient;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What takes longer than the timeout and still moves. */
class SlowTransfersIT {
    /** Six pieces with these pauses between them take longer than the timeout of a second. */
    private static final Duration PAUSE = Duration.ofMillis(250);

    private static final int PIECES = 6;
    /** More than a window of a client that reads slowly, far less than the kernel keeps for it. */
    private static final int PIECE_BYTES = 128 << 10;

    private static TestHipache hipache;

    @BeforeAll
    static void start() {
        hipache = TestHipache.with("'tcpTimeout': 1");
    }

    @AfterAll
    static void stop() {
        hipache.close();
    }

    @BeforeEach
    void emptyStore() {
        hipache.redis().flush();
    }

    @Test
    void aResponseThatDripsIsNotCut() {
        Drip drip = new Drip();
        hipache.backendOf("a.example", Response.ok().from(drip, PIECES));
        try (RawClient client = hipache.client()) {
            client.get("a.example", "/");

            slowly(() -> drip.send("x"));

            assertThat(client.readResponse().body()).isEqualTo("x".repeat(PIECES));
        }
    }

    @Test
    void aRequestThatDripsIsNotCut() {
        hipache.backendOf("a.example", Response.ok().echo());
        try (RawClient client = hipache.client()) {
            client.send("PUT / HTTP/1.1\r\nHost: a.example\r\nContent-Length: " + PIECES + "\r\n\r\n");

            slowly(() -> client.send("x"));

            assertThat(client.readResponse().body()).isEqualTo("x".repeat(PIECES));
        }
    }

    @Test
    void aRequestThatDripsToABackendThatKeepsSilentIsNotCut() {
        TestBackend backend = hipache.backendOf("a.example", Response.ok("stored"));
        try (RawClient client = hipache.client()) {
            client.send("PUT / HTTP/1.1\r\nHost: a.example\r\nContent-Length: " + PIECES + "\r\n\r\n");

            slowly(() -> client.send("x"));

            assertThat(client.readResponse().body()).isEqualTo("stored");
            assertThat(backend.awaitRequest().body()).hasSize(PIECES);
        }
    }

    @Test
    void aClientThatReadsSlowlyIsNotCut() {
        BigBody body = BigBody.ofMebibytes(16);
        hipache.backendOf("a.example", Response.ok().body(body));
        try (RawClient client = RawClient.connectWithReceiveBuffer(hipache.port(), 64 << 10)) {
            client.get("a.example", "/");
            client.readHead();

            slowly(() -> client.readBytes(PIECE_BYTES));
            for (long rest = body.length() - PIECES * PIECE_BYTES; rest > 0; rest -= PIECE_BYTES) {
                client.readBytes(PIECE_BYTES);
            }

            assertThat(client.get("__ping__", "/").readResponse().body()).isEqualTo("ok");
        }
    }

    @Test
    void aBackendThatReadsSlowlyIsNotCut() {
        byte[] piece = "x".repeat(PIECE_BYTES - 1).concat("\n").getBytes(StandardCharsets.US_ASCII);
        int pieces = 128;
        hipache.backendOf("a.example", (request, wire) -> {
            slowly(() -> wire.readUntil("\n"));
            for (int i = PIECES; i < pieces; i++) {
                wire.readUntil("\n");
            }
            wire.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 6\r\n\r\nstored");
            wire.finish();
        });
        try (RawClient client = hipache.client()) {
            client.send("PUT / HTTP/1.1\r\nHost: a.example\r\nContent-Length: " + pieces * PIECE_BYTES + "\r\n\r\n");
            for (int i = 0; i < pieces; i++) {
                client.send(piece);
            }

            assertThat(client.readResponse().body()).isEqualTo("stored");
        }
    }

    private interface Piece {
        void pass() throws Exception;
    }

    /** Does it {@link #PIECES} times, with pauses shorter than the timeout. */
    private static void slowly(Piece piece) {
        AtomicInteger done = new AtomicInteger();
        Awaitility.await().pollDelay(Duration.ZERO).pollInterval(PAUSE).until(() -> {
            piece.pass();
            return done.incrementAndGet() == PIECES;
        });
    }
}
