package io.hipache.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.upstream.InMemoryChannel;
import io.netty.channel.WriteBufferWaterMark;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client of HTTP/2 that takes no more bytes, not even the proxy's own frames. */
class StuckHttp2ClientTest {
    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\0\0\0\4\0\0\0\0\0";
    private static final String PING = "\0\0\10\6\0\0\0\0\0" + "12345678";
    /** Bytes that may wait for the client; Netty adds about a hundred for each write. */
    private static final int ROOM = 1024;
    /** {@code tcpTimeout} of the proxy. */
    private static final int TIMEOUT_SECONDS = 20;

    private final InMemoryProxy proxy;
    private InMemoryChannel client;

    StuckHttp2ClientTest(@TempDir Path noPages) {
        proxy = new InMemoryProxy(noPages);
    }

    @BeforeEach
    void connect() {
        client = proxy.http2Client();
        client.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1, ROOM));
        client.receive(PREFACE);
        client.sent();
        client.stick();
    }

    @AfterEach
    void nothingIsLeft() {
        client.close();
        client.sent();
        proxy.endWithoutALeak();
    }

    @Test
    void isNotReadUntilItTakesBytesAgain() {
        client.receive(PING);
        assertThat(client.config().isAutoRead()).as("little waits").isTrue();

        client.receive(PING.repeat(ROOM / PING.length()));
        assertThat(client.config().isAutoRead()).as("more waits than may wait").isFalse();

        client.unstick();
        assertThat(client.config().isAutoRead()).as("nothing waits").isTrue();
    }

    @Test
    void isClosedThoughItDoesNotTakeTheGoodbye() {
        client.receive(PING);

        proxy.passSeconds(TIMEOUT_SECONDS);
        assertThat(client.isOpen()).as("idle, and told so").isTrue();

        proxy.passSeconds(2 * TIMEOUT_SECONDS);
        assertThat(client.isOpen()).isFalse();
    }

    @Test
    void hasItsTimeToTakeTheGoodbye() {
        client.receive(PING);
        proxy.passSeconds(TIMEOUT_SECONDS + TIMEOUT_SECONDS / 2);

        client.unstick();
        assertThat(client.sent()).isNotEmpty();
        assertThat(client.isOpen()).isTrue();

        proxy.passSeconds(TIMEOUT_SECONDS);
        assertThat(client.isOpen()).isFalse();
    }
}
