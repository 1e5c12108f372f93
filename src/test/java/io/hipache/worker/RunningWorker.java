package io.hipache.worker;

import io.hipache.config.ConfigException;
import io.hipache.config.ConfigJson;
import io.hipache.config.ConfigLoader;
import io.hipache.config.HipacheConfig;
import io.hipache.config.HipacheConfig.Listener;
import io.hipache.link.SocketHandover;
import io.hipache.link.WorkerMessage;
import io.hipache.link.WorkerMessages;
import io.hipache.supervisor.sockets.ListeningSockets;
import io.hipache.supervisor.sockets.SocketSets;
import io.hipache.testing.RawClient;
import io.hipache.testing.TestRedis;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * A worker in the process of the test, with a real proxy and real sockets. The test is its supervisor and sends it orders. In
 * a configuration, {@code REDIS} stands for the URL of the test's Redis; its ports are names only, see {@link #port}.
 */
final class RunningWorker implements AutoCloseable {
    private final TestRedis redis;
    private final EventLoopGroup supervisors = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final SocketHandover handover;
    private final List<ListeningSockets> sockets = new ArrayList<>();
    private final BlockingQueue<WorkerMessage> answers = new LinkedBlockingQueue<>();
    private final List<String> accessLog = new CopyOnWriteArrayList<>();
    private final OutputStream orders;
    private final ProxyPipelines pipelines;
    private final Worker worker;
    private int number;

    /** Starts it, and has it accept at each address of its configuration. */
    RunningWorker(TestRedis redis, String json) throws Exception {
        this(redis, json, Duration.ofSeconds(20));
    }

    /** @param otherStorePatience how long another store may take */
    RunningWorker(TestRedis redis, String json, Duration otherStorePatience) throws Exception {
        this.redis = redis;
        HipacheConfig config = config(json);
        Pipe toWorker = Pipe.open();
        Pipe fromWorker = Pipe.open();
        this.orders = Channels.newOutputStream(toWorker.sink());
        this.handover = SocketHandover.open(supervisors);
        SupervisorLink link = new SupervisorLink(Channels.newOutputStream(fromWorker.sink()));
        this.pipelines = new ProxyPipelines("test", Duration.ofSeconds(20), otherStorePatience);
        if (config.speaksTls()) {
            pipelines.useTicketKeys(ByteBuffer.allocate(48));
        }
        this.worker = new Worker(config, 0, group, handover.address(), pipelines, link);
        daemon(() -> new Orders(Channels.newInputStream(toWorker.source()), worker, link).run());
        daemon(() -> read(Channels.newInputStream(fromWorker.source())));
        for (int i = 0; i < config.listeners().size(); i++) {
            listen(i);
        }
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        thread.start();
    }

    private void read(InputStream reports) {
        try {
            for (WorkerMessage report = WorkerMessages.read(reports);
                    report != null;
                    report = WorkerMessages.read(reports)) {
                if (report instanceof WorkerMessage.AccessLog log) {
                    StandardCharsets.US_ASCII
                            .decode(log.lines())
                            .toString()
                            .lines()
                            .forEach(accessLog::add);
                } else {
                    answers.add(report);
                }
            }
        } catch (IOException e) {
            // the test is over
        }
    }

    /** Has it accept from one more socket, which belongs to this listener of its configuration in force. */
    void listen(int listener) throws Exception {
        ListeningSockets opened = ListeningSockets.bind(List.of(new Listener("127.0.0.1", 0, null)), 1, supervisors);
        int id = sockets.size();
        sockets.add(opened);
        String token = handover.offer(ProcessHandle.current().pid(), SocketSets.descriptors(opened, 0));
        order(new WorkerMessage.Adopt(token, List.of(new WorkerMessage.Adopt.Socket(id, listener))));
        await(new WorkerMessage.Adopted(List.of(id)));
    }

    /** The port of a socket, in the order in which they were opened: first one for each listener. */
    int port(int socket) {
        return URI.create(sockets.get(socket).urls().get(0)).getPort();
    }

    RawClient client() {
        return RawClient.connect(port(0));
    }

    void order(WorkerMessage order) {
        try {
            WorkerMessages.write(order, orders);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    WorkerMessage nextAnswer() {
        try {
            WorkerMessage answer = answers.poll(20, TimeUnit.SECONDS);
            if (answer == null) {
                throw new AssertionError("the worker does not answer");
            }
            return answer;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    void await(WorkerMessage expected) {
        WorkerMessage answer = nextAnswer();
        if (!answer.equals(expected)) {
            throw new AssertionError("expected " + expected + ", got " + answer);
        }
    }

    /** Sends the order and returns its number. */
    int prepare(HipacheConfig config) {
        order(new WorkerMessage.Prepare(++number, ConfigJson.encode(config)));
        return number;
    }

    /** Has the worker prepare this configuration, and returns what it says against the store. */
    String prepared(HipacheConfig config) {
        int wanted = prepare(config);
        WorkerMessage answer = nextAnswer();
        if (answer instanceof WorkerMessage.Prepared done && done.number() == wanted) {
            return done.storeProblem();
        }
        throw new AssertionError("expected Prepared, got " + answer);
    }

    /** Prepares this configuration and follows it. */
    RunningWorker follows(String json) {
        prepared(config(json));
        switches();
        return this;
    }

    /** Follows what was prepared last. */
    void switches() {
        order(new WorkerMessage.Switch(number));
        await(new WorkerMessage.Switched(number));
    }

    /** Why the worker refuses a configuration. */
    String refusal(HipacheConfig config) {
        int refused = prepare(config);
        WorkerMessage answer = nextAnswer();
        if (answer instanceof WorkerMessage.Refused why && why.number() == refused) {
            return why.reason();
        }
        throw new AssertionError("not refused: " + answer);
    }

    /** Reads a configuration file. Single quotes stand for double ones. */
    HipacheConfig config(String json) {
        return parse(json.replace("REDIS", redis.url()));
    }

    static HipacheConfig parse(String json) {
        try {
            return new ConfigLoader(Path.of("static-errors").toAbsolutePath(), 1, false)
                    .parse(json.replace('\'', '"'))
                    .config();
        } catch (ConfigException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** Waits until the access log has so many lines, and returns all that it has. */
    List<String> awaitAccessLog(int lines) {
        Awaitility.await().until(() -> accessLog.size() >= lines);
        return List.copyOf(accessLog);
    }

    /** How many connections workers have to Redis. */
    int storeConnections() {
        return String.valueOf(redis.command("CLIENT", "LIST")).split("name=hipache", -1).length - 1;
    }

    <T> T onLoop(Callable<T> call) throws Exception {
        return group.next().submit(call).get(20, TimeUnit.SECONDS);
    }

    Worker worker() {
        return worker;
    }

    ProxyPipelines pipelines() {
        return pipelines;
    }

    @Override
    public void close() {
        worker.stop(Duration.ofMillis(1));
        worker.ended().orTimeout(20, TimeUnit.SECONDS).join();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        sockets.forEach(ListeningSockets::close);
        handover.close();
        supervisors.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
