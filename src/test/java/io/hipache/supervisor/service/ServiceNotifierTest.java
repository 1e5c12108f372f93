package io.hipache.supervisor.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.testing.ServiceManager;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceNotifierTest {
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());

    @AfterEach
    void end() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    @Test
    void tellsHowFarTheProgramIsInOrder(@TempDir Path folder) {
        String path = folder.resolve("notify").toString();
        try (ServiceManager manager = ServiceManager.listen(path)) {
            ServiceNotifier notifier = notifier(Map.of("NOTIFY_SOCKET", path));
            long before = System.nanoTime() / 1000;

            notifier.ready("serving");
            notifier.reloading();
            notifier.alive();
            notifier.stopping();

            await().until(() -> manager.messages().size() == 4);
            assertThat(manager.messages().get(0)).isEqualTo("READY=1\nSTATUS=serving");
            assertThat(manager.messages().get(1)).matches("RELOADING=1\nMONOTONIC_USEC=\\d+\nSTATUS=.+");
            assertThat(manager.messages().get(2)).isEqualTo("WATCHDOG=1");
            assertThat(manager.messages().get(3)).startsWith("STOPPING=1\nSTATUS=");
            assertThat(Long.parseLong(manager.messages().get(1).replaceAll("(?s).*USEC=(\\d+).*", "$1")))
                    .isBetween(before, System.nanoTime() / 1000);
        }
    }

    @Test
    void findsASocketThatIsNoFile() {
        String name = "hipache-test-" + ProcessHandle.current().pid();
        try (ServiceManager manager = ServiceManager.listen("\0" + name)) {
            notifier(Map.of("NOTIFY_SOCKET", "@" + name)).ready("serving");

            manager.await("READY=1");
        }
    }

    @Test
    void givesTwoSignsOfLifeInTheTimeThatItHas() {
        String self = String.valueOf(ProcessHandle.current().pid());

        assertThat(aliveInterval(Map.of("NOTIFY_SOCKET", "/s", "WATCHDOG_USEC", "30000000")))
                .isEqualTo(Duration.ofSeconds(15));
        assertThat(aliveInterval(Map.of("NOTIFY_SOCKET", "/s", "WATCHDOG_USEC", "30000000", "WATCHDOG_PID", self)))
                .isEqualTo(Duration.ofSeconds(15));
    }

    @Test
    void givesNoneWhenNobodyAsksThisProcess() {
        assertThat(aliveInterval(Map.of("NOTIFY_SOCKET", "/s"))).isZero();
        assertThat(aliveInterval(Map.of("WATCHDOG_USEC", "30000000"))).isZero();
        assertThat(aliveInterval(Map.of("NOTIFY_SOCKET", "/s", "WATCHDOG_USEC", "soon")))
                .isZero();
        assertThat(aliveInterval(Map.of("NOTIFY_SOCKET", "/s", "WATCHDOG_USEC", "30000000", "WATCHDOG_PID", "1")))
                .isZero();
    }

    private Duration aliveInterval(Map<String, String> environment) {
        return notifier(environment).aliveInterval();
    }

    private ServiceNotifier notifier(Map<String, String> environment) {
        return new ServiceNotifier(group, environment);
    }
}
