package io.hipache.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.http.Line.Next;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Valid messages with random damage; the seed is fixed. Whatever arrives, a decoder throws nothing and releases every
 * buffer, which {@link Line} checks. It passes on at most one {@link MalformedMessage}, as its last message, and the
 * result does not depend on how the bytes are cut into reads.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FuzzTest {
    private static final int ROUNDS = 6_000;
    private static final List<Next> NEXT = List.of(Next.values());

    private static final List<String> REQUESTS = List.of(
            "GET /a HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\nGET /2 HTTP/1.0\r\n\r\n",
            "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabcdeGET / HTTP/1.1\r\n\r\n",
            "POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n3;x=y\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\nT: v\r\n\r\n\r\nGET",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n");

    private static final List<String> RESPONSES = List.of(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\nA: b\r\n\r\nabc",
            "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n3;x=y\r\nabc\r\na\r\n0123456789\r\n0\r\nT: v\r\n\r\n",
            "HTTP/1.0 200\r\nServer: s\r\n\r\nuntil the end",
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n");

    private static final List<String> DAMAGE = List.of(
            "\r",
            "\n",
            "\r\n",
            "\r\n\r\n",
            "\0",
            " ",
            "\t",
            ":",
            ";",
            ",",
            "0",
            "1",
            "f",
            "-",
            "+",
            "\u00ff",
            "\u007f",
            "Content-Length: 1\r\n",
            "Content-Length: 0\r\n",
            "Transfer-Encoding: chunked\r\n",
            "chunked",
            "HTTP/1.1",
            "HTTP/1.0",
            "0\r\n\r\n",
            "ffffffffffffffff",
            "101",
            "99999999999999999999",
            "GET / HTTP/1.1\r\n\r\n");

    private final Random random = new Random(20140216);

    @Test
    void requestsSurviveAnyDamage() {
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = damaged(REQUESTS);

            List<String> whole = Line.requests(Next.AT_ONCE, List.of(bytes));

            Next next = NEXT.get(random.nextInt(NEXT.size()));
            assertThat(Line.requests(next, Pieces.random(bytes, random)))
                    .as(() -> "round of " + new String(bytes, StandardCharsets.ISO_8859_1))
                    .isEqualTo(whole);
            assertEndsAtTheFirstMalformed(whole);
        }
    }

    @Test
    void responsesSurviveAnyDamage() {
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = damaged(RESPONSES);
            boolean toHead = random.nextInt(8) == 0;

            List<String> whole = Line.response(toHead, List.of(bytes));

            assertThat(Line.response(toHead, Pieces.random(bytes, random)))
                    .as(() -> "round of " + new String(bytes, StandardCharsets.ISO_8859_1))
                    .isEqualTo(whole);
            assertEndsAtTheFirstMalformed(whole);
        }
    }

    private static void assertEndsAtTheFirstMalformed(List<String> lines) {
        for (String line : lines.subList(0, Math.max(0, lines.size() - 1))) {
            assertThat(line).doesNotMatch("(400|431|501) [a-z].*");
        }
    }

    private byte[] damaged(List<String> messages) {
        byte[] bytes = Pieces.bytes(messages.get(random.nextInt(messages.size())));
        for (int times = 1 + random.nextInt(4); times > 0; times--) {
            int at = random.nextInt(bytes.length);
            bytes = switch (random.nextInt(5)) {
                case 0 -> spliced(bytes, at, at + 1, new byte[] {(byte) random.nextInt(256)});
                case 1 -> spliced(bytes, at, Math.min(bytes.length, at + 1 + random.nextInt(4)), new byte[0]);
                case 2 -> {
                    int end = at + random.nextInt(bytes.length - at);
                    yield spliced(bytes, at, at, Arrays.copyOfRange(bytes, at, end));
                }
                default -> spliced(bytes, at, at, Pieces.bytes(DAMAGE.get(random.nextInt(DAMAGE.size()))));
            };
            if (bytes.length == 0) {
                return new byte[] {'\r'};
            }
        }
        return bytes;
    }

    private static byte[] spliced(byte[] bytes, int from, int to, byte[] inserted) {
        byte[] result = new byte[from + inserted.length + bytes.length - to];
        System.arraycopy(bytes, 0, result, 0, from);
        System.arraycopy(inserted, 0, result, from, inserted.length);
        System.arraycopy(bytes, to, result, from + inserted.length, bytes.length - to);
        return result;
    }
}
