package io.hipache.worker.warmup;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.proxy.InMemoryProxy;
import io.hipache.upstream.InMemoryChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WarmUpStrangerTest {
    private static final String GOAWAY = "\0\0\10\7\0\0\0\0\0";
    private static final int PIECE = 5000;

    /** The worker puts up with frames that carry nothing when they come slowly. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void hasItsConnectionOfHttp2EndedHoweverSlowTheMachineIs(int secondsForEachPiece, @TempDir Path noPages) {
        InMemoryProxy proxy = new InMemoryProxy(noPages);
        InMemoryChannel client = proxy.http2Client();
        StringBuilder answers = new StringBuilder();

        String bytes = new String(WarmUpStranger.HTTP2.get(0), StandardCharsets.ISO_8859_1);
        for (int at = 0; at < bytes.length(); at += PIECE) {
            client.receive(bytes.substring(at, Math.min(at + PIECE, bytes.length())));
            proxy.passSeconds(secondsForEachPiece);
            answers.append(client.sent());
        }

        assertThat(answers).contains(GOAWAY);
        client.close();
        proxy.endWithoutALeak();
    }
}
