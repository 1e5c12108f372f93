package io.hipache.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.accesslog.LogFile;
import io.hipache.checker.ActiveChecks;
import io.hipache.checker.Findings;
import io.hipache.config.ConfigException;
import io.hipache.config.ConfigJson;
import io.hipache.config.HipacheConfig;
import io.hipache.config.LoadedConfig;
import io.hipache.link.WorkerMessage;
import io.hipache.messages.LogStyle;
import io.hipache.supervisor.admin.AdminListener;
import io.hipache.supervisor.process.MessageLog;
import io.hipache.supervisor.service.ServiceNotifier;
import io.hipache.supervisor.service.ServiceStatus;
import io.hipache.supervisor.slots.FakeWorkers;
import io.hipache.supervisor.slots.ManualScheduler;
import io.hipache.supervisor.slots.RestartPolicy;
import io.hipache.supervisor.slots.WorkerSlots;
import io.hipache.supervisor.snapshot.Snapshot;
import io.hipache.supervisor.sockets.ListeningSocket;
import io.hipache.supervisor.sockets.ListeningSockets;
import io.hipache.testing.TestRedis;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What a reload does in this process: to sockets, log files and messages, and to those who asked for it. */
class ReloadTest {
    private static final String NOTHING_CHANGED = "the configuration stays as it was";

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final ManualScheduler scheduler = new ManualScheduler();
    private final FakeWorkers workers = new FakeWorkers(scheduler);
    private final List<String> answers = new ArrayList<>();
    private final Path folder;
    private final HipacheConfig before;
    private final ListeningSockets sockets;
    private final LogFile accessLog;
    private final MessageLog messages;
    private final Snapshot snapshot;
    private final WorkerSlots slots;
    private final Reload reload;

    private HipacheConfig next;
    private List<String> warnings = List.of();
    private int reads;
    private @Nullable String obstacle;
    private final AdminListener admin;
    private @Nullable RuntimeException bug;

    ReloadTest(@TempDir Path folder) throws Exception {
        this.folder = folder;
        before = config(TestRedis.freePort(), "access.log", "");
        next = before;
        sockets = ListeningSockets.bind(before.listeners(), 1, group);
        accessLog = LogFile.open(before.server().accessLog());
        messages = MessageLog.open("stderr");
        snapshot = Snapshot.open(before);
        admin = AdminListener.open(group, before, false);
        ServiceStatus status = new ServiceStatus(new ServiceNotifier(group, Map.of()), List::of, () -> {});
        slots = new WorkerSlots(
                before, workers, (worker, message) -> {}, RestartPolicy.DEFAULT, scheduler, status, false, null);
        reload = new Reload(
                this::read,
                new Reload.Resources(
                        sockets, accessLog, messages, status, snapshot, admin, new ActiveChecks(Findings.IGNORED)),
                slots,
                () -> obstacle,
                scheduler);
    }

    @BeforeEach
    void start() {
        slots.startAll();
        workers.last().serves();
    }

    @AfterEach
    void close() throws IOException {
        LogStyle.use(false, false);
        messages.close();
        admin.close();
        snapshot.close();
        accessLog.close();
        sockets.close();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void saysThatItIsCompleteAndThatNoProcessWasReplaced() throws Exception {
        next = config(TestRedis.freePort(), "access.log", "");

        ask("one");

        assertThat(answers).containsExactly("one: true [reload complete, 1 worker, no process was replaced]");
        assertThat(slots.inForce()).isSameAs(next);
        assertThat(sockets.urls()).containsExactly(urlOf(next));
    }

    @Test
    void warnsWhoAskedAndNobodyElse() throws Exception {
        warnings = List.of("server.maxSocket: unknown");
        ask("one");
        warnings = List.of();
        ask("two");

        assertThat(answers)
                .containsExactly(
                        "one: true [WARNING! server.maxSocket: unknown, reload complete, 1 worker, no process was replaced]",
                        "two: true [reload complete, 1 worker, no process was replaced]");
    }

    @Test
    void warnsWhoAskedOfAStoreThatIsNoBetterThanTheOneBefore() {
        workers.last().isSilent();
        ask("one");

        int number = workers.last().number();
        workers.last().says(new WorkerMessage.Prepared(number, "Redis a:1/0: refuses the password"));
        workers.last().says(new WorkerMessage.Switched(number));

        assertThat(answers)
                .containsExactly(
                        "one: true [WARNING! driver: Redis a:1/0: refuses the password; it is followed nevertheless,"
                                + " because the store before could not be used either,"
                                + " reload complete, 1 worker, no process was replaced]");
    }

    @Test
    void namesTheKeysForWhoseSakeProcessesWereReplaced() throws Exception {
        next = config(portOf(before), "access.log", ", \"memoryLimit\": 300, \"javaOptions\": [\"-Xint\"]");

        ask("one");
        workers.last().serves();

        assertThat(answers)
                .containsExactly("one: true [reload complete, 1 worker, 1 process was replaced "
                        + "(server.memoryLimit, server.javaOptions)]");
    }

    @Test
    void listensAndLogsAsBeforeWhenAWorkerRefuses() throws Exception {
        int port = TestRedis.freePort();
        next = config(port, "other.log", ", \"debug\": true");
        List<ListeningSocket> all = sockets.all();
        workers.last().refuses("cannot read the page");

        ask("one");
        accessLog.append(line("still here"));

        assertThat(answers)
                .containsExactly("one: false [reload refused: fake #1 cannot use the new configuration: "
                        + "cannot read the page, " + NOTHING_CHANGED + "]");
        assertThat(slots.inForce()).isSameAs(before);
        assertThat(sockets.all()).isEqualTo(all);
        assertThat(sockets.urls()).containsExactly(urlOf(before));
        new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
        await().until(() -> Files.size(folder.resolve("access.log")) > 0);
        assertThat(folder.resolve("other.log")).isEmptyFile();
        assertThat(isDebugging()).isFalse();
    }

    @Test
    void movesLogsAndLevelWithTheSwitchAndNoEarlier() throws Exception {
        next = config(portOf(before), "other.log", ", \"debug\": true");
        workers.last().isSilent();
        ask("one");

        accessLog.append(line("before"));
        assertThat(isDebugging()).isFalse();
        workers.last().says(new WorkerMessage.Prepared(workers.last().number(), ""));
        accessLog.append(line("after"));

        await().until(() -> Files.size(folder.resolve("other.log")) > 0);
        assertThat(folder.resolve("access.log")).hasContent("before");
        assertThat(folder.resolve("other.log")).hasContent("after");
        assertThat(isDebugging()).isTrue();
    }

    @Test
    void listensWhereItDidWhenALogCannotBeOpened() throws Exception {
        int port = TestRedis.freePort();
        List<ListeningSocket> all = sockets.all();
        next = config(port, "access.log", ", \"log\": \"" + folder.resolve("access.log/log") + "\"");

        ask("one");

        assertThat(answers)
                .singleElement()
                .asString()
                .startsWith("one: false [reload refused: server.log: cannot open the log ");
        assertThat(sockets.all()).isEqualTo(all);
        assertThat(sockets.urls()).containsExactly(urlOf(before));
        assertThat(workers.last().number()).isZero();
        new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
    }

    @Test
    void runsOnceMoreForAllWhoAskWhileItRuns() {
        workers.last().isSilent();
        ask("one");
        ask("two");
        ask("three");
        assertThat(reads).isEqualTo(1);

        workers.last().says(new WorkerMessage.Refused(workers.last().number(), "no"));
        assertThat(answers).singleElement().asString().startsWith("one: false");
        assertThat(reads).isEqualTo(2);
        int number = workers.last().number();
        workers.last().says(new WorkerMessage.Prepared(number, ""));
        workers.last().says(new WorkerMessage.Switched(number));

        assertThat(answers).hasSize(3).anyMatch(answer -> answer.startsWith("two: true"));
        assertThat(answers).anyMatch(answer -> answer.startsWith("three: true"));
        assertThat(reads).isEqualTo(2);
    }

    @Test
    void survivesABugInTheReadingOfTheFile() {
        bug = new IllegalStateException("oops");
        ask("one");
        bug = null;
        ask("two");

        assertThat(answers)
                .containsExactly(
                        "one: false [reload refused: cannot read the configuration: unexpected"
                                + " java.lang.IllegalStateException: oops, " + NOTHING_CHANGED + "]",
                        "two: true [reload complete, 1 worker, no process was replaced]");
    }

    @Test
    void isRefusedDuringAnUpgrade() {
        obstacle = "an upgrade is under way";

        ask("one");
        obstacle = null;
        ask("two");

        assertThat(answers)
                .first()
                .isEqualTo("one: false [reload refused: an upgrade is under way, " + NOTHING_CHANGED + "]");
        assertThat(answers).last().asString().startsWith("two: true");
    }

    @Test
    void endsWithTheProgram() {
        workers.last().isSilent();
        ask("one");
        ask("two");
        obstacle = "this supervisor is ending";

        slots.killAll();
        scheduler.settle();

        assertThat(answers).hasSize(2).allMatch(answer -> answer.contains("false"));
    }

    private LoadedConfig read() {
        reads++;
        if (bug != null) {
            throw bug;
        }
        return new LoadedConfig(next, warnings);
    }

    private void ask(String name) {
        reload.run((complete, lines) -> answers.add(name + ": " + complete + " " + lines));
        scheduler.settle();
    }

    private static boolean isDebugging() {
        return LoggerFactory.getLogger("io.hipache").isDebugEnabled();
    }

    private static ByteBuffer line(String text) {
        return ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static int portOf(HipacheConfig config) {
        return config.listeners().get(0).port();
    }

    private static String urlOf(HipacheConfig config) {
        return "http://127.0.0.1:" + portOf(config);
    }

    private HipacheConfig config(int port, String log, String more) throws ConfigException {
        return ConfigJson.decode(
                "{\"user\": \"root\", \"server\": {\"workers\": 1, \"address\": \"127.0.0.1\", \"port\": " + port
                        + ", \"staticDir\": \"/\", \"accessLog\": \"" + folder.resolve(log) + "\"" + more + "}}");
    }
}
