package io.hipache.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.accesslog.LogFile;
import io.hipache.config.ConfigException;
import io.hipache.config.ConfigJson;
import io.hipache.config.HipacheConfig;
import io.hipache.supervisor.service.ServiceNotifier;
import io.hipache.supervisor.service.ServiceStatus;
import io.hipache.supervisor.slots.FakeWorkers;
import io.hipache.supervisor.slots.ManualScheduler;
import io.hipache.supervisor.slots.RestartPolicy;
import io.hipache.supervisor.slots.WorkerSlots;
import io.hipache.supervisor.sockets.ListeningSocket;
import io.hipache.supervisor.sockets.ListeningSockets;
import io.hipache.testing.TestRedis;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a reload does in this process, before any worker is replaced. */
class ReloadTest {
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final ManualScheduler scheduler = new ManualScheduler();
    private final FakeWorkers workers = new FakeWorkers(scheduler);

    @AfterEach
    void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void listensWhereItDidWhenTheNewAccessLogCannotBeOpened(@TempDir Path folder) throws Exception {
        Path accessLog = folder.resolve("access.log");
        HipacheConfig before = config(TestRedis.freePort(), accessLog);
        HipacheConfig wrong = config(TestRedis.freePort(), accessLog.resolve("not-in-a-folder"));
        try (ListeningSockets sockets = ListeningSockets.bind(before.listeners(), 1, group);
                LogFile log = LogFile.open(accessLog.toString())) {
            List<ListeningSocket> all = sockets.all();
            List<String> urls = sockets.urls();
            Reload reload = new Reload(before, () -> wrong, sockets, log);

            reload.run(slots(before));

            assertThat(reload.inForce()).isSameAs(before);
            assertThat(sockets.all()).isEqualTo(all);
            assertThat(sockets.urls()).isEqualTo(urls);
            assertThat(workers.launched()).isEmpty();
        }
    }

    private WorkerSlots slots(HipacheConfig config) {
        return new WorkerSlots(
                config,
                workers,
                (worker, message) -> {},
                RestartPolicy.DEFAULT,
                scheduler,
                new ServiceStatus(new ServiceNotifier(group, Map.of()), List::of, () -> {}, renewed -> {}));
    }

    private static HipacheConfig config(int port, Path accessLog) throws ConfigException {
        return ConfigJson.decode(
                "{\"user\": \"root\", \"server\": {\"workers\": 1, \"address\": \"127.0.0.1\", \"port\": " + port
                        + ", \"staticDir\": \"/\", \"accessLog\": \"" + accessLog + "\"}}");
    }
}
