package io.hipache.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.accesslog.AccessLogEntry;
import io.hipache.net.CidrList;
import io.hipache.routing.DeathSettings;
import io.hipache.routing.Router;
import io.hipache.upstream.InMemoryBackends;
import io.hipache.upstream.InMemoryChannel;
import io.hipache.upstream.UpstreamPool;
import io.hipache.upstream.UpstreamSettings;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A whole proxy but for its sockets and its store; counts every buffer. */
final class InMemoryProxy {
    static final String GET = "GET / HTTP/1.1|Host: h||";
    static final String ASK = "GET /chat HTTP/1.1|Host: h|Connection: Upgrade|Upgrade: websocket||";
    static final String GRANT = "HTTP/1.1 101 Switching Protocols|Connection: Upgrade|Upgrade: websocket||";
    static final String OK = "HTTP/1.1 200 OK|Content-Length: 2||ok";
    /** More bytes than wait for a side that takes no more before the other one is held back. */
    static final String LONG = "0123456789abcdef".repeat(8 * 1024);

    private static final Duration TCP_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration TUNNEL_TIMEOUT = Duration.ofSeconds(60);

    final FakeDriver driver = new FakeDriver();
    final List<AccessLogEntry> accessLog = new ArrayList<>();
    private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false);
    private final List<InMemoryChannel> channels = new ArrayList<>();
    private final MockTicker ticker = Ticker.newMockTicker();
    private final InMemoryBackends backends = new InMemoryBackends(memory, ticker);
    private final InMemoryChannel client = new InMemoryChannel(memory, NetUtil.LOCALHOST4, ticker);
    private final UpstreamPool upstreams;

    InMemoryProxy(Path noPages) {
        upstreams = backends.pool(client.eventLoop(), new UpstreamSettings(2, true, Duration.ofSeconds(30)));
        CidrList trusted = CidrList.parse(List.of("127.0.0.0/8"));
        ProxySettings settings = new ProxySettings(3, true, TCP_TIMEOUT, TUNNEL_TIMEOUT, true, false, trusted, "1.0");
        ErrorPages pages = ErrorPages.load(noPages);
        new Proxy(
                        new ProxyServices(
                                new Router(driver, DeathSettings.HIPACHE),
                                driver,
                                upstreams,
                                pages,
                                accessLog::add,
                                settings),
                        ticker::nanoTime)
                .serve(client, false);
        driver.frontend("h", "site", "http://b:81");
    }

    InMemoryChannel client() {
        return client;
    }

    InMemoryBackends backends() {
        return backends;
    }

    /** The client sends this, {@code |} being a line end. */
    void send(String text) {
        client.receive(Heads.lines(text));
    }

    /** Connects to the next backend. */
    InMemoryChannel accept() {
        InMemoryChannel backend = backends.accept();
        channels.add(backend);
        return backend;
    }

    /** A backend whose connection has served one exchange, all of whose bytes are fetched. */
    InMemoryChannel afterOneExchange() {
        send(GET);
        InMemoryChannel backend = accept();
        backend.sent();
        answer(backend, OK);
        assertThat(got()).isEqualTo(OK);
        return backend;
    }

    /** A backend whose connection has become a tunnel, with nothing in it yet. */
    InMemoryChannel tunnel() {
        send(ASK);
        InMemoryChannel backend = accept();
        backend.sent();
        answer(backend, GRANT);
        assertThat(got()).isEqualTo(GRANT);
        return backend;
    }

    /** The backend sends this, {@code |} being a line end. */
    void answer(InMemoryChannel backend, String text) {
        backend.receive(Heads.lines(text));
        client.runPendingTasks();
    }

    void close(InMemoryChannel channel) {
        channel.close();
        channel.runPendingTasks();
        client.runPendingTasks();
    }

    void passSeconds(long seconds) {
        for (long i = 0; i < seconds; i++) {
            ticker.advance(1, TimeUnit.SECONDS);
            client.runPendingTasks();
            channels.forEach(InMemoryChannel::runPendingTasks);
        }
    }

    /** What the client has got since the last call, with {@code |} for each line end. */
    String got() {
        return client.sent().replace("\r\n", "|");
    }

    /** The statuses of all access-log lines. */
    List<Integer> logged() {
        return accessLog.stream().map(AccessLogEntry::status).toList();
    }

    /** What was taken from the allocator; what the client has got without looking at it counts too. */
    long bytesInBuffers() {
        got();
        return memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory();
    }

    /** Ends everything; not a buffer, a connection or a pool may be left. */
    void endWithoutALeak() {
        close(client);
        // what is left of a tunnel has its time to say goodbye
        passSeconds(5);
        upstreams.close();
        for (InMemoryChannel channel : channels) {
            channel.runPendingTasks();
            assertThat(channel.isOpen()).as("a backend's connection").isFalse();
            channel.finishAndReleaseAll();
        }
        client.finishAndReleaseAll();
        assertThat(bytesInBuffers()).as("bytes in buffers").isZero();
        assertThat(upstreams.size()).as("pools").isEqualTo(backends.connecting() > 0 ? 1 : 0);
    }
}
