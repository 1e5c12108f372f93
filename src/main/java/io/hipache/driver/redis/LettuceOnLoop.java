package io.hipache.driver.redis;

import io.hipache.driver.redis.RedisAddress.Tcp;
import io.hipache.driver.redis.RedisAddress.UnixSocket;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SocketOptions.KeepAliveOptions;
import io.lettuce.core.SocketOptions.TcpUserTimeoutOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.event.Event;
import io.lettuce.core.event.EventBus;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.EpollProvider;
import io.lettuce.core.resource.EventLoopGroupProvider;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Flux;

/**
 * Makes Lettuce do all of its work on the worker's event loop, without threads, timers and name resolution of its own.
 * Lettuce uses epoll wherever Netty has it, so the loop must be an epoll loop there too.
 */
public final class LettuceOnLoop {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(3);

    private LettuceOnLoop() {}

    /** Shared by all clients on one loop. */
    public static ClientResources resources(EventLoop loop) {
        return ClientResources.builder()
                .eventLoopGroupProvider(new OneLoop(loop))
                .eventExecutorGroup(loop)
                .timer(new LoopTimer(loop))
                .addressResolverGroup(new OffLoopResolver())
                .nettyCustomizer(new ReplyGuard.Customizer())
                .commandLatencyRecorder(CommandLatencyRecorder.disabled())
                .eventBus(new NoEvents())
                .build();
    }

    /**
     * Makes a client that does not reconnect. {@link RedisLink} reconnects, because Lettuce would send commands a second
     * time that had no reply when the connection broke. Blocks while it reads certificates from the disk.
     *
     * @param silence the connection is closed when the server's machine acknowledges no bytes for this long
     * @throws IllegalArgumentException with a message for the administrator, when this machine cannot use the address
     */
    public static RedisClient client(ClientResources resources, RedisAddress address, Duration silence) {
        RedisClient client = RedisClient.create(resources);
        client.setOptions(options(address, silence));
        return client;
    }

    /** The same, for connections to which commands are only written: see {@link BareRedisClient}. */
    public static RedisClient bareClient(ClientResources resources, RedisAddress address, Duration silence) {
        RedisClient client = new BareRedisClient(resources);
        client.setOptions(options(address, silence));
        return client;
    }

    private static ClientOptions options(RedisAddress address, Duration silence) {
        if (address instanceof UnixSocket && !EpollProvider.isAvailable()) {
            throw new IllegalArgumentException(
                    "cannot use " + address + ": unix sockets need epoll, which only Linux has");
        }
        ClientOptions.Builder options = ClientOptions.builder()
                .autoReconnect(false)
                .disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
                .protocolVersion(ProtocolVersion.RESP2)
                .maintNotificationsConfig(MaintNotificationsConfig.disabled())
                .timeoutOptions(TimeoutOptions.builder().timeoutCommands(false).build())
                .socketOptions(address instanceof UnixSocket ? unixSocketOptions() : tcpOptions(silence));
        RedisTls tls = address instanceof Tcp tcp ? tcp.tls() : null;
        if (tls != null) {
            options.sslOptions(TlsTrust.options(tls, HANDSHAKE_TIMEOUT));
        }
        return options.build();
    }

    /**
     * Runs a task on the loop, at once when the caller is on it. Lettuce does not promise on which thread it completes a
     * future or calls a listener.
     */
    public static void run(EventLoop loop, Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
        } else {
            loop.execute(task);
        }
    }

    /** The server to connect to, the credentials to log in with, and the name that the server shows. */
    public static RedisURI uri(RedisAddress address, Login login, int database, ClientName name) {
        RedisURI.Builder uri =
                address instanceof UnixSocket socket ? RedisURI.Builder.socket(socket.path()) : tcp(address);
        uri.withDatabase(database)
                .withClientName(name.text())
                .withTimeout(HANDSHAKE_TIMEOUT)
                .withLibraryName("")
                .withLibraryVersion("");
        login.applyTo(uri);
        return uri.build();
    }

    private static RedisURI.Builder tcp(RedisAddress address) {
        Tcp tcp = (Tcp) address;
        RedisTls tls = tcp.tls();
        return RedisURI.Builder.redis(tcp.host(), tcp.port())
                .withSsl(tls != null)
                .withVerifyPeer(tls == null || tls.verify());
    }

    private static SocketOptions unixSocketOptions() {
        return SocketOptions.builder()
                .connectTimeout(CONNECT_TIMEOUT)
                .keepAlive(false)
                .build();
    }

    private static SocketOptions tcpOptions(Duration silence) {
        return SocketOptions.builder()
                .connectTimeout(CONNECT_TIMEOUT)
                .keepAlive(KeepAliveOptions.builder()
                        .enable()
                        .idle(Duration.ofSeconds(15))
                        .interval(Duration.ofSeconds(5))
                        .count(3)
                        .build())
                .tcpUserTimeout(TcpUserTimeoutOptions.builder()
                        .enable(EpollProvider.isAvailable())
                        .tcpUserTimeout(silence)
                        .build())
                .build();
    }

    /** Gives Lettuce the worker's loop: Lettuce neither makes one nor ends this one. */
    private record OneLoop(EventLoop loop) implements EventLoopGroupProvider {

        @Override
        public <T extends EventLoopGroup> T allocate(Class<T> type) {
            @SuppressWarnings("unchecked") // Lettuce asks for the class of its own choice and uses it as a group only
            T group = (T) loop;
            return group;
        }

        @Override
        public int threadPoolSize() {
            return 1;
        }

        @Override
        public Future<Boolean> release(EventExecutorGroup group, long quietPeriod, long timeout, TimeUnit unit) {
            return ImmediateEventExecutor.INSTANCE.newSucceededFuture(true);
        }

        @Override
        public Future<Boolean> shutdown(long quietPeriod, long timeout, TimeUnit unit) {
            return ImmediateEventExecutor.INSTANCE.newSucceededFuture(true);
        }
    }

    /** Nobody listens to the events of Lettuce. Its own bus loads 200 classes, most of them of Reactor, which nothing else needs. */
    private static final class NoEvents implements EventBus {
        @Override
        public Flux<Event> get() {
            return Flux.never();
        }

        @Override
        public void publish(Event event) {}
    }
}
