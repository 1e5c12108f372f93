package io.hipache.supervisor.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.cli.common.Setting;
import io.hipache.cli.program.StatusCommand;
import io.hipache.config.ConfigLoader;
import io.hipache.config.HipacheConfig;
import io.hipache.config.Installation;
import io.hipache.figures.Gauge;
import io.hipache.testing.DeadAddress;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What {@code hipache status} says of workers that answer from memory. */
class StatusCommandTest {
    private final Path home;

    StatusCommandTest(@TempDir Path home) {
        this.home = home;
    }

    @Test
    void saysHowManyWorkersAnswerFromMemory() throws Exception {
        HipacheConfig config = configure(", \"admin\": {\"socket\": \"" + home.resolve("admin.socket") + "\"}");
        FakeWorker stale = new FakeWorker(1);
        FakeWorker fresh = new FakeWorker(2);
        stale.figures.set(Gauge.STALE_ANSWERS, 1);
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());

        try (AdminListener listener = AdminListener.open(group, config, false)) {
            listener.ask(facts -> facts.accept(new Facts(config, true, false, false)));
            listener.received(fresh, fresh.report());
            assertThat(status())
                    .contains(
                            "no worker answers from memory instead of Redis",
                            "no, Host: __ready__ gets a 503, store_away");
            listener.received(stale, stale.report());

            assertThat(status())
                    .contains("1 of 2 workers answer from memory, because Redis gives them no answers, 0 requests");
            assertThat(status("--json")).contains("\"workers\" : 2", "\"staleWorkers\" : 1", "\"staleRequests\" : 0");
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
        assertThat(status()).contains("not known whether workers answer from memory: the admin listener at ");
    }

    @Test
    void saysThatOnlyTheAdminListenerKnows() throws Exception {
        configure("");

        assertThat(status()).contains("not known whether workers answer from memory, that needs server.admin");
    }

    @Test
    void saysWhatClientsGetWithoutRedis() throws Exception {
        configure("");
        assertThat(status())
                .contains("every host gets a 503 with Retry-After, 2 s after the request, and Host: __ready__ a 503");
        configure(", \"staleIfDown\": 60");
        assertThat(status())
                .contains(
                        "hosts that a worker knows get answers from its memory for 60 seconds (server.staleIfDown), others"
                                + " get a 503 with Retry-After");
    }

    private HipacheConfig configure(String more) throws Exception {
        Path file = Files.writeString(
                home.resolve("config.json"),
                "{\"server\": {\"accessLog\": \"-\"" + more + "}, \"driver\": \""
                        + DeadAddress.url().replace("http://", "redis://") + "\"}");
        return ConfigLoader.here(new Installation(home)).load(file).config();
    }

    private String status(String... options) {
        StringWriter out = new StringWriter();
        new CommandLine(new StatusCommand(new Setting(new Installation(home), null), "1.0"))
                .setOut(new PrintWriter(out, true))
                .execute(options);
        return out.toString();
    }
}
