package io.hipache.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.admission.AdmissionLimits;
import io.hipache.outcome.EndReason;
import io.hipache.testing.Frame;
import io.hipache.testing.FrameClient;
import io.hipache.upstream.InMemoryChannel;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a connection of HTTP/2 does with frames that arrive together, and with frames that its state forbids. */
class Http2ConnectionTest {
    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\0\0\0\4\0\0\0\0\0";
    private static final String PING = "\0\0\10\6\0\0\0\0\0" + "12345678";
    private static final String SETTINGS = "\0\0\0\4\0\0\0\0\0";
    private static final int MOST_STREAMS = 128;
    /** RFC 9113 §6, in their order. */
    private static final List<String> TYPES = List.of(
            "DATA",
            "HEADERS",
            "PRIORITY",
            "RST_STREAM",
            "SETTINGS",
            "PUSH_PROMISE",
            "PING",
            "GOAWAY",
            "WINDOW_UPDATE",
            "CONTINUATION");

    private final InMemoryProxy proxy;
    private InMemoryChannel client;

    Http2ConnectionTest(@TempDir Path noPages) {
        proxy = new InMemoryProxy(noPages);
    }

    @BeforeEach
    void connect() {
        client = proxy.http2Client();
        client.receive(PREFACE);
        client.sent();
    }

    @AfterEach
    void nothingIsLeft() {
        client.close();
        client.sent();
        proxy.endWithoutALeak();
    }

    @Test
    void acknowledgesAllFramesOfOneReadInOneWrite() {
        client.receive((PING + SETTINGS).repeat(100));

        assertThat(client.outboundMessages()).hasSize(1);
        assertThat(client.sent()).isEqualTo(("\0\0\10\6\1\0\0\0\0" + "12345678" + "\0\0\0\4\1\0\0\0\0").repeat(100));
    }

    @Test
    void writesMoreAcknowledgementsInSeveralPieces() {
        client.receive(PING.repeat(600));

        assertThat(client.outboundMessages()).hasSize(3);
        assertThat(client.sent()).hasSize(600 * PING.length());
    }

    @Test
    void acknowledgesSettingsAheadOfTheAnswerThatFollowsThem() {
        client.receive(get(1, "__ping__") + SETTINGS + get(3, "__ping__") + SETTINGS);

        assertThat(frames())
                .containsExactly(
                        "HEADERS 1", "SETTINGS 0 ack", "HEADERS 3", "SETTINGS 0 ack", "DATA 1 end", "DATA 3 end");
    }

    /** RFC 9113 §6.5.3: until then the client may hold the proxy to the smaller window. */
    @Test
    void acknowledgesALargerWindowAheadOfTheBytesThatItAllows() {
        client.receive(window(0) + get(1, "__ping__"));
        assertThat(frames()).containsExactly("SETTINGS 0 ack", "HEADERS 1");

        client.receive(window(100));

        assertThat(frames()).containsExactly("SETTINGS 0 ack", "DATA 1 end");
    }

    @Test
    void takesNoMoreStreamsThanMayBeOpenBeforeTheClientHasReadSo() {
        StringBuilder requests = new StringBuilder();
        for (int i = 0; i <= MOST_STREAMS; i++) {
            requests.append(get(2 * i + 1, "h"));
        }

        client.receive(requests.toString());

        assertThat(frames()).containsExactly("RST_STREAM 257 error 7");
    }

    /** Streams that are answered at once end when the answer is sent, so one read brings no more work than that. */
    @Test
    void takesNoMoreStreamsFromOneReadHoweverSoonTheyAreAnswered() {
        StringBuilder requests = new StringBuilder();
        for (int i = 0; i < MOST_STREAMS + 10; i++) {
            requests.append(get(2 * i + 1, "__ping__"));
        }

        client.receive(requests.toString());

        List<String> frames = frames();
        assertThat(frames).filteredOn(frame -> frame.startsWith("HEADERS")).hasSize(MOST_STREAMS);
        assertThat(frames).filteredOn(frame -> frame.endsWith("error 7")).hasSize(10);
        client.receive(get(1001, "__ping__"));
        assertThat(frames()).containsExactly("HEADERS 1001", "DATA 1001 end");
    }

    /** A scanner is found by what it asked for, whatever is wrong with its request. */
    @ParameterizedTest
    @CsvSource(
            value = {
                ":method=GET :path=/a?b :scheme=https connection=close, GET /a?b HTTP/2.0",
                ":method=GET :path=/b accept=a :scheme=https, GET /b HTTP/2.0",
                "accept=a :method=GET :path=/c :scheme=https, GET HTTP/2.0",
                ":method=GET :path=x :scheme=https, GET x HTTP/2.0",
                ":method=CONNECT :authority=a:1 :scheme=https, CONNECT a:1 HTTP/2.0",
                ":method=GET, GET HTTP/2.0",
                ":path=/, / HTTP/2.0"
            })
    void tellsTheRequestLineOfAMalformedRequest(String fields, String line) {
        byte[] block = FrameClient.block(fields.split(" "));

        client.receive(frame(Frame.HEADERS, Frame.END_HEADERS | Frame.END_STREAM, 1, block));

        assertThat(proxy.ends).hasSize(1);
        assertThat(proxy.ends.get(0).reason()).isEqualTo(EndReason.MALFORMED_REQUEST);
        assertThat(proxy.ends.get(0).requestLine()).isEqualTo(line);
    }

    @Test
    void tellsNoMoreThanTheBeginningOfALongRequestLine() {
        byte[] block = FrameClient.block(":method=GET", ":path=" + "x".repeat(5_000));

        client.receive(frame(Frame.HEADERS, Frame.END_HEADERS | Frame.END_STREAM, 1, block));

        assertThat(proxy.ends.get(0).requestLine()).hasSize(1_024).startsWith("GET xxx");
    }

    @Test
    void tellsTheRequestLineOfAHeadThatIsTooLarge() {
        byte[] block = FrameClient.block(":method=GET", ":path=/big", "cookie=" + "x".repeat(40_000));
        int half = block.length / 2;

        client.receive(frame(Frame.HEADERS, Frame.END_STREAM, 1, Arrays.copyOf(block, half / 2))
                + frame(TYPES.indexOf("CONTINUATION"), 0, 1, Arrays.copyOfRange(block, half / 2, half))
                + frame(TYPES.indexOf("CONTINUATION"), 0, 1, Arrays.copyOfRange(block, half, half + half / 2))
                + frame(
                        TYPES.indexOf("CONTINUATION"),
                        Frame.END_HEADERS,
                        1,
                        Arrays.copyOfRange(block, half + half / 2, block.length)));

        assertThat(proxy.ends).hasSize(1);
        assertThat(proxy.ends.get(0).reason()).isEqualTo(EndReason.HEAD_TOO_LARGE);
        assertThat(proxy.ends.get(0).requestLine()).isEqualTo("GET /big HTTP/2.0");
    }

    @Test
    void tellsTheRequestLineOfAStreamThatIsOneTooMany(@TempDir Path noPages) {
        InMemoryProxy limited = new InMemoryProxy(noPages, new AdmissionLimits(9, 9, 1, 9, 9));
        InMemoryChannel another = limited.http2Client();

        another.receive(PREFACE + get(1, "h") + get(3, "h"));

        assertThat(limited.ends).hasSize(1);
        assertThat(limited.ends.get(0).reason()).isEqualTo(EndReason.LIMIT_REQUESTS);
        assertThat(limited.ends.get(0).requestLine()).isEqualTo("GET / HTTP/2.0");
        another.close();
        limited.endWithoutALeak();
    }

    /** RFC 9113 §5.1, §5.1.1, §6: a stream that nobody has opened, or that no client can open. */
    @ParameterizedTest
    @CsvSource({
        "DATA, 0, 1", "RST_STREAM, 4, 1", "WINDOW_UPDATE, 4, 1", "CONTINUATION, 0, 1", "HEADERS, 0, 2", "HEADERS, 0, 0",
        "DATA, 0, 0", "RST_STREAM, 4, 0", "SETTINGS, 0, 1", "PING, 8, 1", "GOAWAY, 8, 1", "PRIORITY, 5, 0"
    })
    void aFrameForAStreamThatItCannotBeForEndsTheConnection(String type, int length, int stream) {
        byte[] ones = new byte[length];
        Arrays.fill(ones, (byte) 1);
        byte[] payload = type.equals("HEADERS") ? FrameClient.block(":method=GET") : ones;

        client.receive(frame(TYPES.indexOf(type), Frame.END_HEADERS, stream, payload));

        assertThat(frames()).containsExactly("GOAWAY 0 error 1");
        client.finishReceiving();
        assertThat(client.isOpen()).isFalse();
    }

    /** RFC 9113 §4.2: lengths that these types cannot have. */
    @ParameterizedTest
    @CsvSource({"PING, 7, 0", "SETTINGS, 5, 0", "WINDOW_UPDATE, 3, 0", "RST_STREAM, 3, 1", "GOAWAY, 7, 0"})
    void aFrameOfAWrongLengthEndsTheConnection(String type, int length, int stream) {
        client.receive(get(1, "h"));

        client.receive(frame(TYPES.indexOf(type), 0, stream, new byte[length]));

        assertThat(frames()).containsExactly("GOAWAY 0 error 6");
    }

    private static String get(int stream, String host) {
        byte[] block = FrameClient.block(":method=GET", ":scheme=https", ":path=/", ":authority=" + host);
        return frame(Frame.HEADERS, Frame.END_HEADERS | Frame.END_STREAM, stream, block);
    }

    /** SETTINGS with the window of each stream. */
    private static String window(int bytes) {
        return frame(Frame.SETTINGS, 0, 0, new byte[] {0, 4, 0, 0, 0, (byte) bytes});
    }

    private static String frame(int type, int flags, int stream, byte[] payload) {
        return new String(FrameClient.bytes(type, flags, stream, payload), StandardCharsets.ISO_8859_1);
    }

    /** The frames that the client has got since the last call. */
    private List<String> frames() {
        ByteBuffer sent = ByteBuffer.wrap(client.sent().getBytes(StandardCharsets.ISO_8859_1));
        List<String> frames = new ArrayList<>();
        while (sent.hasRemaining()) {
            int length = (sent.getShort() & 0xffff) << 8 | (sent.get() & 0xff);
            String type = TYPES.get(sent.get());
            int flags = sent.get();
            String frame = type + " " + sent.getInt();
            ByteBuffer payload = sent.slice(sent.position(), length);
            sent.position(sent.position() + length);
            boolean one = (flags & 1) != 0;
            frames.add(
                    switch (type) {
                        case "DATA", "HEADERS" -> one ? frame + " end" : frame;
                        case "SETTINGS", "PING" -> one ? frame + " ack" : frame;
                        case "RST_STREAM" -> frame + " error " + payload.getInt(0);
                        case "GOAWAY" -> frame + " error " + payload.getInt(4);
                        default -> frame;
                    });
        }
        return frames;
    }
}
