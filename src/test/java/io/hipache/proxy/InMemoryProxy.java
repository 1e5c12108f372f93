package io.hipache.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.admission.Admission;
import io.hipache.admission.AdmissionLimits;
import io.hipache.net.CidrList;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.proxy.exchange.DebugHeaders;
import io.hipache.proxy.exchange.ErrorPages;
import io.hipache.proxy.exchange.ProxyServices;
import io.hipache.proxy.exchange.ProxySettings;
import io.hipache.proxy.exchange.Via;
import io.hipache.proxy.exchange.head.RequestIds;
import io.hipache.routing.Backend;
import io.hipache.routing.DeathSettings;
import io.hipache.routing.Router;
import io.hipache.upstream.Acquisition;
import io.hipache.upstream.InMemoryBackends;
import io.hipache.upstream.InMemoryChannel;
import io.hipache.upstream.UpstreamExchange;
import io.hipache.upstream.UpstreamFailure;
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
public final class InMemoryProxy {
    public static final String GET = "GET / HTTP/1.1|Host: h||";
    public static final String ASK = "GET /chat HTTP/1.1|Host: h|Connection: Upgrade|Upgrade: websocket||";
    public static final String GRANT = "HTTP/1.1 101 Switching Protocols|Connection: Upgrade|Upgrade: websocket||";
    public static final String OK = "HTTP/1.1 200 OK|Content-Length: 2||ok";
    /** More bytes than wait for a side that takes no more before the other one is held back. */
    public static final String LONG = "0123456789abcdef".repeat(8 * 1024);

    /** The name of the proxy in Via headers. */
    public static final String FLEET = "fleet";

    private static final int MAX_SOCKETS = 2;
    private static final Duration TCP_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration TUNNEL_TIMEOUT = Duration.ofSeconds(60);

    public final FakeDriver driver = new FakeDriver();
    public final List<ExchangeEnd> ends = new ArrayList<>();
    public final Admission admission;
    private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false);
    private final List<InMemoryChannel> channels = new ArrayList<>();
    private final MockTicker ticker = Ticker.newMockTicker();
    private final InMemoryBackends backends = new InMemoryBackends(memory, ticker);
    private final InMemoryChannel client = new InMemoryChannel(memory, NetUtil.LOCALHOST4, ticker);
    private final UpstreamPool upstreams;
    private final ProxyServices services;

    public InMemoryProxy(Path noPages) {
        this(noPages, AdmissionLimits.NONE);
    }

    public InMemoryProxy(Path noPages, AdmissionLimits limits) {
        this.admission = new Admission(limits);
        upstreams = backends.pool(
                client.eventLoop(), new UpstreamSettings(MAX_SOCKETS, true, Duration.ofSeconds(30)), admission);
        CidrList trusted = CidrList.parse(List.of("127.0.0.0/8"));
        ProxySettings settings = new ProxySettings(
                3,
                true,
                false,
                TCP_TIMEOUT,
                TUNNEL_TIMEOUT,
                false,
                trusted,
                false,
                DebugHeaders.Audience.TRUSTED,
                RequestIds.Rule.OFF,
                false,
                new Via(FLEET),
                "1.0");
        services = new ProxyServices(
                new Router(driver, DeathSettings.HIPACHE),
                driver,
                upstreams,
                ErrorPages.load(noPages),
                ends::add,
                admission,
                settings,
                ticker::nanoTime);
        serve(client);
        driver.frontend("h", "site", "http://b:81");
    }

    private void serve(InMemoryChannel accepted) {
        new Proxy(services).serveHttp1(accepted, false);
    }

    public InMemoryChannel client() {
        return client;
    }

    /** Connects one more client, which the test closes. */
    public InMemoryChannel anotherClient() {
        InMemoryChannel another = new InMemoryChannel(memory, NetUtil.LOCALHOST4, ticker);
        serve(another);
        channels.add(another);
        return another;
    }

    /** Connects one more client, which has agreed on HTTP/2 and sends its own preface; the test closes it. */
    public InMemoryChannel http2Client() {
        InMemoryChannel another = new InMemoryChannel(memory, NetUtil.LOCALHOST4, ticker);
        new Proxy(services).serveHttp2(another);
        channels.add(another);
        return another;
    }

    public ProxyServices services() {
        return services;
    }

    public InMemoryBackends backends() {
        return backends;
    }

    /** Takes every socket that a backend may have, until its connections are accepted and closed. */
    public void fill(Backend backend) {
        for (int i = 0; i < MAX_SOCKETS; i++) {
            upstreams.acquire(backend, List.of(), false, false, new Acquisition.Acquirer() {
                @Override
                public void acquired(UpstreamExchange upstream, long connectNanos) {
                    throw new AssertionError("a test that fills a backend does not accept these connections");
                }

                @Override
                public void notAcquired(UpstreamFailure failure) {}

                @Override
                public void freeElsewhere() {}
            });
        }
    }

    /** Requests that wait for a socket. */
    public int waiting() {
        return upstreams.waiting();
    }

    /** The client sends this, {@code |} being a line end. */
    public void send(String text) {
        client.receive(Heads.lines(text));
    }

    /** Connects to the next backend. */
    public InMemoryChannel accept() {
        InMemoryChannel backend = backends.accept();
        channels.add(backend);
        return backend;
    }

    /** A backend whose connection has served one exchange, all of whose bytes are fetched. */
    public InMemoryChannel afterOneExchange() {
        send(GET);
        InMemoryChannel backend = accept();
        backend.sent();
        answer(backend, OK);
        assertThat(got()).isEqualTo(OK);
        return backend;
    }

    /** A backend whose connection has become a tunnel, with nothing in it yet. */
    public InMemoryChannel tunnel() {
        send(ASK);
        InMemoryChannel backend = accept();
        backend.sent();
        answer(backend, GRANT);
        assertThat(got()).isEqualTo(GRANT);
        return backend;
    }

    /** The backend sends this, {@code |} being a line end. */
    public void answer(InMemoryChannel backend, String text) {
        backend.receive(Heads.lines(text));
        client.runPendingTasks();
    }

    public void close(InMemoryChannel channel) {
        channel.close();
        channel.runPendingTasks();
        client.runPendingTasks();
    }

    public void passSeconds(long seconds) {
        for (long i = 0; i < seconds; i++) {
            ticker.advance(1, TimeUnit.SECONDS);
            client.runPendingTasks();
            channels.forEach(InMemoryChannel::runPendingTasks);
        }
    }

    /** What the client has got since the last call, with {@code |} for each line end. */
    public String got() {
        return client.sent().replace("\r\n", "|");
    }

    /** The ends of all requests that had a backend: those that the access log shows. */
    public List<ExchangeEnd> accessLog() {
        return ends.stream().filter(ExchangeEnd::hadBackend).toList();
    }

    /** The statuses of all access-log lines. */
    public List<Integer> logged() {
        return accessLog().stream().map(ExchangeEnd::status).toList();
    }

    /** What was taken from the allocator; what the client has got without looking at it counts too. */
    public long bytesInBuffers() {
        got();
        return memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory();
    }

    /** Ends everything; not a buffer, a connection or a pool may be left. */
    public void endWithoutALeak() {
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
        assertThat(admission.requests()).as("requests under way").isZero();
        assertThat(admission.bodyBytes()).as("bytes of bodies").isZero();
        assertThat(upstreams.size()).as("pools").isEqualTo(backends.connecting() > 0 ? 1 : 0);
    }
}
