package io.hipache.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RawClientTest {
    private final TestBackend backend = TestBackend.start();
    private final RawClient client = RawClient.connect(backend.port());

    @AfterEach
    void closeBoth() {
        client.close();
        backend.close();
    }

    @Test
    void takesAWholeResponseForWhole() {
        client.get("a", "/");

        assertThatThrownBy(client::readBrokenResponse)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("came whole");
    }

    @Test
    void takesAnUnframedResponseForWholeWhenItEndsInOrder() {
        backend.answers(Response.ok().untilClose("hello"));
        client.get("a", "/");

        assertThatThrownBy(client::readBrokenResponse)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("looks whole");
    }

    @Test
    void tellsAnOrderlyCloseFromAReset() {
        backend.misbehaves(new Misbehaviour.CloseBeforeHead());
        client.get("a", "/");

        assertThatThrownBy(client::expectReset)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("orderly");
    }

    @Test
    void showsWhatCameInsteadOfTheEnd() {
        client.get("a", "/");

        assertThatThrownBy(client::expectClosed)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("HTTP/1.1 200");
    }

    @Test
    void showsWhatCameBeforeTheEndInsteadOfThePattern() {
        backend.answers(Reply.raw("HTTP/1.0 200 OK\r\n"));
        client.get("a", "/");

        assertThatThrownBy(() -> client.readUntil("never"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("HTTP/1.0 200 OK");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "transfer-encoding: chunked\r\n\r\n5\r\nhelloX\r\n0\r\n\r\n",
                "transfer-encoding: chunked\r\n\r\nfive\r\nhello\r\n0\r\n\r\n",
                "content-length: 5\r\ncontent-length: 5\r\n\r\nhello",
                "no colon\r\n\r\n",
            })
    void acceptsNoSloppyResponse(String rest) {
        backend.answers(Reply.raw("HTTP/1.1 200 OK\r\n" + rest));
        client.get("a", "/");

        assertThatThrownBy(client::readResponse).isInstanceOf(AssertionError.class);
    }

    @Test
    void everyBlockOfABigBodyIsAnother() {
        BigBody body = new BigBody(3 * (64 << 10) + 5);
        backend.answers(Response.ok().body(body));

        byte[] bytes = client.get("a", "/").readResponse().bodyBytes();

        assertThat(bytes).hasSize(3 * (64 << 10) + 5);
        assertThat(Digest.of(bytes)).isEqualTo(body.digest());
        assertThat(Arrays.copyOfRange(bytes, 0, 64 << 10)).isNotEqualTo(Arrays.copyOfRange(bytes, 64 << 10, 128 << 10));
    }
}
