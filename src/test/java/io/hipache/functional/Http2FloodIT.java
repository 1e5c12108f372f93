package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.outcome.EndReason;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.testing.Frame;
import io.hipache.testing.FrameClient;
import io.hipache.testing.Response;
import io.hipache.testing.TestHipache;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A client that only makes work is told to calm down, and loses its connection. */
class Http2FloodIT {
    /** More than any client may send for nothing within the seconds that a test takes. */
    private static final int MANY = 4000;

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
    void startBackend() {
        hipache.redis().flush();
        hipache.backendOf("slow.example", (request, wire) -> wire.awaitClose());
        hipache.backendOf("good.example", Response.ok("hello"));
    }

    /** What comes again and again, for a stream of its own each time. */
    private enum Flood {
        PING(i -> FrameClient.bytes(Frame.PING, 0, 0, new byte[8])),
        SETTINGS(i -> FrameClient.bytes(Frame.SETTINGS, 0, 0, new byte[0])),
        PRIORITY(i -> FrameClient.bytes(Frame.PRIORITY, 0, 2 * i + 1, new byte[] {0, 0, 0, 0, 1})),
        UNKNOWN(i -> FrameClient.bytes(0xf0, 0, 0, new byte[0])),
        SMALL_WINDOW_UPDATES(i -> FrameClient.bytes(Frame.WINDOW_UPDATE, 0, 0, new byte[] {0, 0, 0, 1})),
        /** CVE-2023-44487. */
        RAPID_RESET(i -> both(
                get(i, "slow.example"), FrameClient.bytes(Frame.RST_STREAM, 0, 2 * i + 1, new byte[] {0, 0, 0, 8}))),
        RESETS_OF_CLOSED_STREAMS(i -> i == 0
                ? both(get(0, "slow.example"), FrameClient.bytes(Frame.RST_STREAM, 0, 1, new byte[] {0, 0, 0, 8}))
                : FrameClient.bytes(Frame.RST_STREAM, 0, 1, new byte[] {0, 0, 0, 8})),
        /** CVE-2025-8671: the client makes us reset, here by an increment of nothing. */
        MADE_YOU_RESET(
                i -> both(get(i, "slow.example"), FrameClient.bytes(Frame.WINDOW_UPDATE, 0, 2 * i + 1, new byte[4]))),
        /** And here by a body that nobody announced. */
        DATA_BEHIND_THE_END(
                i -> both(get(i, "slow.example"), FrameClient.bytes(Frame.DATA, 0, 2 * i + 1, new byte[1]))),
        DATA_FOR_A_STREAM_THAT_IS_RESET(i -> i == 0
                ? both(get(0, "slow.example"), FrameClient.bytes(Frame.WINDOW_UPDATE, 0, 1, new byte[4]))
                : FrameClient.bytes(Frame.DATA, 0, 1, new byte[1])),
        MALFORMED_REQUESTS(i -> FrameClient.bytes(
                Frame.HEADERS, Frame.END_HEADERS | Frame.END_STREAM, 2 * i + 1, FrameClient.block(":method=GET"))),
        EMPTY_DATA(i -> i == 0 ? post() : FrameClient.bytes(Frame.DATA, 0, 1, new byte[0]));

        @SuppressWarnings("ImmutableEnumChecker")
        private final IntFunction<byte[]> piece;

        Flood(IntFunction<byte[]> piece) {
            this.piece = piece;
        }

        private static byte[] get(int i, String host) {
            byte[] block = FrameClient.block(":method=GET", ":scheme=https", ":path=/", ":authority=" + host);
            return FrameClient.bytes(Frame.HEADERS, Frame.END_HEADERS | Frame.END_STREAM, 2 * i + 1, block);
        }

        private static byte[] post() {
            byte[] block = FrameClient.block(":method=POST", ":scheme=https", ":path=/", ":authority=slow.example");
            return FrameClient.bytes(Frame.HEADERS, Frame.END_HEADERS, 1, block);
        }

        private static byte[] both(byte[] first, byte[] second) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            all.writeBytes(first);
            all.writeBytes(second);
            return all.toByteArray();
        }
    }

    @ParameterizedTest
    @EnumSource
    void floodsEndTheConnection(Flood flood) {
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            sendAll(client, flood);

            assertThat(client.awaitGoAway().error()).isEqualTo(Frame.ENHANCE_YOUR_CALM);
        }
    }

    @Test
    void soDoesAHeaderBlockWithoutAnEnd() {
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            all.writeBytes(FrameClient.bytes(Frame.HEADERS, 0, 1, FrameClient.block(":method=GET")));
            for (int i = 0; i < MANY; i++) {
                all.writeBytes(FrameClient.bytes(Frame.CONTINUATION, 0, 1, new byte[0]));
            }
            send(client, all);

            assertThat(client.awaitGoAway().error()).isEqualTo(Frame.ENHANCE_YOUR_CALM);
        }
    }

    @Test
    void refusesStreamsOverTheLimitAndServesTheOthers() {
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            for (int i = 0; i < 128; i++) {
                client.get(2 * i + 1, "slow.example", "/");
            }
            client.get(257, "good.example", "/");

            assertThat(client.awaitReset(257)).isEqualTo(Frame.REFUSED_STREAM);
            assertThat(hipache.ends()).last().extracting(ExchangeEnd::reason).isEqualTo(EndReason.LIMIT_REQUESTS);
            client.reset(1, Frame.CANCEL).get(259, "good.example", "/");
            assertThat(client.readResponse(259).body()).isEqualTo("hello");
        }
    }

    /** RFC 7541 §6.3: an encoder that used more than the usual table would have to say so first. */
    @Test
    void keepsNoLargerTableThanItMust() {
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            client.frame(Frame.SETTINGS, 0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff).get(1, "good.example", "/");

            Frame head = client.await("a head", frame -> frame.type() == Frame.HEADERS);
            assertThat(head.payload()[0] & 0xe0).isNotEqualTo(0x20);
        }
    }

    /** As a browser does when its user leaves a page again and again. */
    @Test
    void aClientThatResetsSomeOfWhatItAsksForGoesOn() {
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            for (int i = 0; i < 600; i += 2) {
                client.get(2 * i + 1, "slow.example", "/")
                        .reset(2 * i + 1, Frame.CANCEL)
                        .get(2 * i + 3, "__ping__", "/");
                assertThat(client.readResponse(2 * i + 3).body()).isEqualTo("ok");
            }
        }
    }

    private static void sendAll(FrameClient client, Flood flood) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < MANY; i++) {
            all.writeBytes(flood.piece.apply(i));
        }
        send(client, all);
    }

    private static void send(FrameClient client, ByteArrayOutputStream all) {
        try {
            client.send(all.toByteArray());
        } catch (UncheckedIOException e) {
            // it has had enough before the end
        }
    }
}
