package io.hipache.testing;

import io.hipache.admission.Admission;
import io.hipache.config.ConfigException;
import io.hipache.config.ConfigLoader;
import io.hipache.config.HipacheConfig;
import io.hipache.net.DrainRequested;
import io.hipache.net.Transport;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.worker.ClientPipelines;
import io.hipache.worker.ProxyPipelines;
import io.hipache.worker.WorkerLimits;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The parts of a worker behind its listeners, in the process of the test, on ports of its own and with a real Redis. Registered
 * as a static extension of a class, it serves all tests of that class, empties the store before each, and closes in the end.
 */
public final class TestHipache implements AutoCloseable, BeforeEachCallback, AfterAllCallback {
    public static final String VERSION = "1.2.3-test";

    /** The key for session tickets, which all workers of a supervisor share. */
    private static final byte[] TICKET_KEY = new byte[48];

    private final TestRedis redis;
    private final EventLoopGroup group = Transport.best().newEventLoop("test-loop");
    private final List<ExchangeEnd> accessLog = new CopyOnWriteArrayList<>();
    private final List<ExchangeEnd> ends = new CopyOnWriteArrayList<>();
    private final List<Channel> listeners = new ArrayList<>();
    private final List<Channel> clients = new CopyOnWriteArrayList<>();
    private final List<TestBackend> backends = new ArrayList<>();

    private TestHipache(TestRedis redis, String json) {
        this.redis = redis;
        HipacheConfig config = config(json.replace('\'', '"').replace("REDIS", redis.url()));
        ProxyPipelines proxy = new ProxyPipelines(VERSION);
        proxy.useTicketKeys(ByteBuffer.wrap(TICKET_KEY));
        ClientPipelines.Served served =
                proxy.build(config, group, this::ended, new Admission(WorkerLimits.of(config.server())));
        for (HipacheConfig.Listener listener : config.listeners()) {
            listeners.add(new ServerBootstrap()
                    .group(group, group)
                    .channel(Transport.best().serverChannel())
                    .handler(new ChannelInboundHandlerAdapter() {
                        @Override
                        public void channelRead(ChannelHandlerContext ctx, Object client) {
                            clients.add((Channel) client);
                            ctx.fireChannelRead(client);
                        }
                    })
                    .childHandler(served.pipeline(listener))
                    .bind(listener.address(), 0)
                    .syncUninterruptibly()
                    .channel());
        }
        awaitStore();
    }

    /** Starts it with the default configuration. */
    public static TestHipache start() {
        return with("");
    }

    /** Starts it with a second listener that speaks TLS, and with these keys in the section {@code server}. */
    public static TestHipache withTls(String serverKeys) {
        return with("'https': {'port': 2, 'key': '" + TestTls.KEY + "', 'cert': '" + TestTls.CERT + "'}"
                + (serverKeys.isEmpty() ? "" : ", " + serverKeys));
    }

    /** Starts it with these keys in the section {@code server}. Single quotes stand for double ones. */
    public static TestHipache with(String serverKeys) {
        String keys = serverKeys.isEmpty() ? "" : ", " + serverKeys;
        return configured("{'server': {'address': '127.0.0.1', 'port': 1" + keys + "}, 'driver': 'REDIS'}");
    }

    /** Starts it with a whole configuration, in which REDIS stands for the URL of the test's own Redis. */
    public static TestHipache configured(String json) {
        return configured(TestRedis.start(), json);
    }

    /** Like {@link #configured(String)}, but with this Redis, which is closed together with this object. */
    public static TestHipache configured(TestRedis redis, String json) {
        return new TestHipache(redis, json);
    }

    public TestRedis redis() {
        return redis;
    }

    /** The port of the first listener. */
    public int port() {
        return port(0);
    }

    public int port(int listener) {
        return ((InetSocketAddress) listeners.get(listener).localAddress()).getPort();
    }

    public RawClient client() {
        return RawClient.connect(port());
    }

    /** A virtual host to act on: {@code host("a.example").connects(backend)} or {@code host("a.example").gets(200)}. */
    public Host host(String name) {
        return new Host(name);
    }

    /** Starts a backend and registers it under {@code host}. It is closed together with this object. */
    public TestBackend backendOf(String host, Reply reply) {
        TestBackend backend = TestBackend.answering(reply);
        backends.add(backend);
        host(host).connects(backend);
        return backend;
    }

    /** Drains all client connections, as a worker does before it ends. */
    public void drain() {
        clients.forEach(client -> client.pipeline().fireUserEventTriggered(DrainRequested.INSTANCE));
    }

    /** How many connections of clients have not been closed here. */
    public long openClients() {
        return clients.stream().filter(Channel::isOpen).count();
    }

    private void ended(ExchangeEnd end) {
        ends.add(end);
        if (end.hadBackend()) {
            accessLog.add(end);
        }
    }

    /** The ends of all requests until now, with or without a backend. */
    public List<ExchangeEnd> ends() {
        return List.copyOf(ends);
    }

    /** Waits until the access log has {@code count} lines and returns them. */
    public List<ExchangeEnd> awaitAccessLog(int count) {
        Awaitility.await().until(() -> accessLog.size() >= count);
        return List.copyOf(accessLog);
    }

    public List<ExchangeEnd> accessLog() {
        return List.copyOf(accessLog);
    }

    /** Waits until no client is connected. */
    public void awaitNoClients() {
        Awaitility.await().until(() -> clients.stream().noneMatch(Channel::isOpen));
    }

    @Override
    public void beforeEach(ExtensionContext test) {
        redis.flush();
    }

    @Override
    public void afterAll(ExtensionContext tests) {
        close();
    }

    @Override
    public void close() {
        listeners.forEach(Channel::close);
        // a connection's TLS memory is freed when the connection closes, but not when its event loop ends first
        clients.forEach(client -> client.close().awaitUninterruptibly());
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        backends.forEach(TestBackend::close);
        redis.close();
        LeakDetector.expectNone();
    }

    private static HipacheConfig config(String json) {
        try {
            return new ConfigLoader(Path.of("static-errors").toAbsolutePath(), 1, false)
                    .parse(json)
                    .config();
        } catch (ConfigException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** Waits until the driver has connected. Before that, every host is answered with 502. */
    private void awaitStore() {
        Awaitility.await().until(() -> {
            try (RawClient client = client()) {
                return client.get("store.probe", "/").readResponse().status() == 400;
            }
        });
    }

    /** A virtual host of the test. */
    public final class Host {
        private final String name;

        private Host(String name) {
            this.name = name;
        }

        /** Registers a frontend of this name with these backends. */
        public Host connects(TestBackend... connected) {
            String[] urls = new String[connected.length];
            for (int i = 0; i < connected.length; i++) {
                urls[i] = connected[i].url();
            }
            return lists(urls);
        }

        /** Registers a frontend of this name with these URLs. */
        public Host lists(String... urls) {
            redis.rpush("frontend:" + name, "vhost-" + name);
            if (urls.length > 0) {
                redis.rpush("frontend:" + name, urls);
            }
            return this;
        }

        /** Sends one GET on a new connection and expects its status. */
        public ReceivedResponse gets(int status) {
            try (RawClient client = client()) {
                ReceivedResponse response = client.get(name, "/").readResponse();
                if (response.status() != status) {
                    throw new AssertionError("expected " + status + ", got " + response);
                }
                return response;
            }
        }
    }
}
