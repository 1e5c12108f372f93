package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.outcome.EndReason;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.testing.Frame;
import io.hipache.testing.FrameClient;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What RFC 9113 §8 calls malformed never reaches a backend, and costs its stream only. */
class Http2MalformedIT {
    private static TestHipache hipache;

    private TestBackend backend;

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
        backend = hipache.backendOf("a.example", Response.ok("hello"));
    }

    /** Fields apart by {@code |}; {@code ^} stands for CR, {@code ~} for LF and {@code !} for NUL. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                ":method=GET|:scheme=https|:path=/|:authority=a.example|x=1~y: 2",
                ":method=GET|:scheme=https|:path=/|:authority=a.example|x=1^~~GET /evil HTTP/1.1^~Host: a.example^~^~",
                ":method=GET|:scheme=https|:path=/|:authority=a.example|x=1!2",
                ":method=GET|:scheme=https|:path=/|:authority=a.example|x: evil~host=1",
                ":method=GET|:scheme=https|:path=/ HTTP/1.1^~x: y^~^~|:authority=a.example",
                ":method=GET|:scheme=https|:path=/a b|:authority=a.example",
                ":method=GET /evil HTTP/1.1^~x: |:scheme=https|:path=/|:authority=a.example",
                ":method=GET|:scheme=https|:path=/|:authority=a.example^~x: y",
                ":method=GET|:scheme=https|:path=/|:authority=a.example|transfer-encoding=chunked",
                ":method=GET|:scheme=https|:path=/|:authority=a.example|connection=close",
                ":method=GET|:scheme=https|:path=/|:authority=a.example|X-Upper=1",
                ":method=GET|:scheme=https|:path=/|:authority=a.example|host=b.example",
                ":method=GET|:scheme=https|:path=/|:authority=a.example|content-length=1",
                ":method=GET|:scheme=https|:authority=a.example",
                "host=a.example|:method=GET|:scheme=https|:path=/",
            })
    void isResetWithAProtocolError(String block) {
        int before = hipache.ends().size();
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            client.headers(1, true, fields(block));

            assertThat(client.awaitReset(1)).isEqualTo(Frame.PROTOCOL_ERROR);
            assertThat(client.get(3, "a.example", "/").readResponse(3).body()).isEqualTo("hello");
        }
        assertThat(backend.requests()).hasSize(1);
        assertThat(hipache.ends().get(before))
                .as("the end of the malformed request")
                .extracting(ExchangeEnd::reason, ExchangeEnd::status, ExchangeEnd::hadBackend)
                .containsExactly(EndReason.MALFORMED_REQUEST, 0, false);
    }

    @ParameterizedTest
    @ValueSource(strings = {"3", "5", "0", "x", "-1", "+4", "4|content-length=5", "99999999999999999999"})
    void aLengthThatIsNotThatOfTheBodyIsResetWithAProtocolError(String length) {
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            List<String> all = new ArrayList<>(List.of(fields("content-length=" + length)));
            client.post(1, "a.example", all.toArray(String[]::new)).data(1, true, "body");

            assertThat(client.awaitReset(1)).isEqualTo(Frame.PROTOCOL_ERROR);
            assertThat(client.get(3, "__ping__", "/").readResponse(3).body()).isEqualTo("ok");
        }
        backend.requests().forEach(request -> request.awaitBrokenBody());
    }

    @ParameterizedTest
    @ValueSource(strings = {":path=/", "X-Upper=1", "x=1~2", "transfer-encoding=chunked", "connection=x"})
    void soAreTrailers(String trailer) {
        int before = hipache.ends().size();
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            client.post(1, "a.example").data(1, false, "body").headers(1, true, fields(trailer));

            assertThat(client.awaitReset(1)).isEqualTo(Frame.PROTOCOL_ERROR);
            assertThat(client.get(3, "__ping__", "/").readResponse(3).body()).isEqualTo("ok");
        }
        assertThat(hipache.ends().subList(before, hipache.ends().size()))
                .extracting(ExchangeEnd::reason)
                .containsExactly(EndReason.MALFORMED_REQUEST, EndReason.PING);
        backend.requests().forEach(request -> request.awaitBrokenBody());
    }

    @Test
    void aSecondHeadOnTheSameStreamIsNotTakenForTrailers() {
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            client.post(1, "a.example").post(1, "a.example");

            assertThat(client.awaitReset(1)).isEqualTo(Frame.PROTOCOL_ERROR);
        }
    }

    @Test
    void aHeadThatIsTooLongIsAnsweredWith431() {
        int before = hipache.ends().size();
        try (FrameClient client = FrameClient.connect(hipache.port(1))) {
            String[] fields = new String[6];
            fields[0] = ":method=GET";
            fields[1] = ":scheme=https";
            fields[2] = ":path=/";
            fields[3] = ":authority=a.example";
            Arrays.fill(fields, 4, 6, "x=" + "y".repeat(16 * 1024));
            byte[] block = FrameClient.block(fields);
            client.send(FrameClient.bytes(Frame.HEADERS, Frame.END_STREAM, 1, Arrays.copyOf(block, 16384)))
                    .send(FrameClient.bytes(Frame.CONTINUATION, 0, 1, Arrays.copyOfRange(block, 16384, 32768)))
                    .send(FrameClient.bytes(
                            Frame.CONTINUATION, Frame.END_HEADERS, 1, Arrays.copyOfRange(block, 32768, block.length)));

            assertThat(client.readResponse(1).status()).isEqualTo(431);
            assertThat(hipache.ends().get(before).reason()).isEqualTo(EndReason.HEAD_TOO_LARGE);
            assertThat(hipache.ends().get(before).status()).isEqualTo(431);
            assertThat(client.get(3, "a.example", "/").readResponse(3).body()).isEqualTo("hello");
        }
    }

    private static String[] fields(String text) {
        return text.replace('^', '\r').replace('~', '\n').replace('!', '\0').split("\\|");
    }
}
