package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.RawClient;
import io.hipache.testing.Reply;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import io.hipache.testing.TestTls;

/** A program that listens with and without TLS, a backend that grants upgrades, and clients that ask for them. */
final class Tunnels implements AutoCloseable {
    static final String ASK = "GET /chat HTTP/1.1\r\nHost: a.example\r\nConnection: keep-alive, Upgrade\r\n"
            + "Upgrade: websocket\r\nSec-WebSocket-Key: key\r\nSec-WebSocket-Version: 13\r\n\r\n";
    static final String GRANT = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

    private final TestHipache hipache =
            TestHipache.configured("{'server': {'address': '127.0.0.1', 'port': 1, 'tcpTimeout': 1, 'https': "
                    + "{'port': 2, 'key': '" + TestTls.KEY + "', 'cert': '" + TestTls.CERT + "'}}, 'driver': 'REDIS'}");

    TestHipache hipache() {
        return hipache;
    }

    /** A backend that grants every upgrade and does this then. */
    TestBackend granting(Reply then) {
        return hipache.backendOf("a.example", (request, wire) -> {
            wire.send(GRANT);
            then.answer(request, wire);
        });
    }

    RawClient open() {
        return open("");
    }

    /** @param tls the version of TLS to speak, empty for none */
    RawClient open(String tls) {
        RawClient client = tls.isEmpty() ? hipache.client() : RawClient.connectTls(hipache.port(1), tls);
        assertThat(client.send(ASK).readUntil("\r\n\r\n")).isEqualTo(GRANT);
        return client;
    }

    @Override
    public void close() {
        hipache.close();
    }
}
