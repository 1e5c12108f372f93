package io.hipache.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.config.ConfigJson;
import io.hipache.config.HipacheConfig;
import io.hipache.supervisor.admin.AdminListener;
import io.hipache.supervisor.admin.Facts;
import io.hipache.testing.DeadAddress;
import io.hipache.testing.Reply;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import io.hipache.testing.TestTls;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HealthcheckCommandTest extends CommandLineTest {
    @RegisterExtension
    private static final TestHipache hipache = TestHipache.withTls("");

    @AfterEach
    void letTheStoreAnswer() {
        hipache.redis().resume();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "0.0.0.0", "::"})
    void isFineWhereTheListenerSaysSo(String address) throws Exception {
        configure("'address': '" + address + "', 'port': " + hipache.port());

        assertThat(run("healthcheck")).as(err.toString()).isZero();

        assertThat(out.toString()).startsWith("ready, says http://");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void asksByTlsWhereNoListenerIsPlain() throws Exception {
        configureAll("'http': {'bind': []}, 'https': {'port': " + hipache.port(1) + ", 'key': '" + TestTls.KEY
                + "', 'cert': '" + TestTls.CERT + "', 'bind': '127.0.0.1'}");

        assertThat(run("healthcheck", "--json")).as(err.toString()).isZero();

        assertThat(out.toString()).contains("\"ready\" : true", "\"asked\" : \"https://127.0.0.1:" + hipache.port(1));
    }

    @Test
    void saysTheWordOfTheListenerThatIsNotReady() throws Exception {
        configure("'address': '127.0.0.1', 'port': " + hipache.port());
        hipache.redis().pause();

        assertThat(run("healthcheck", "--timeout", "20")).isEqualTo(1);

        assertThat(err.toString()).contains("not ready, http://127.0.0.1:" + hipache.port() + " says 503 store_");
    }

    @Test
    void isNotFineWhereNobodyListens() throws Exception {
        configure("'address': '127.0.0.1', 'port': " + DeadAddress.port());

        assertThat(run("healthcheck")).isEqualTo(1);

        assertThat(err.toString()).contains("does not answer: Connection refused");
    }

    @Test
    void isNotFineWhereAnotherServerHasThePort() throws Exception {
        try (TestBackend other =
                TestBackend.answering(Reply.raw("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nwelcome"))) {
            configure("'address': '127.0.0.1', 'port': " + other.port());

            assertThat(run("healthcheck")).isEqualTo(1);

            assertThat(err.toString()).contains("says 200 welcome");
        }
    }

    @Test
    void waitsNoLongerThanItIsTold() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            configure("'address': '127.0.0.1', 'port': " + silent.getLocalPort());

            assertThat(run("healthcheck", "--timeout", "1")).isEqualTo(1);

            assertThat(err.toString()).contains("does not answer: no answer within 1 second");
        }
    }

    @Test
    void asksTheAdminListenerOnRequest() throws Exception {
        String admin = "'admin': {'socket': '" + home.resolve("admin.socket") + "'}";
        configure(admin);
        HipacheConfig config = ConfigJson.decode("{" + ("'server': {" + admin + "}").replace('\'', '"') + "}");
        AtomicBoolean ending = new AtomicBoolean();
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());

        try (AdminListener listener = AdminListener.open(group, config, false)) {
            listener.ask(facts -> facts.accept(new Facts(config, true, ending.get(), true)));
            assertThat(run("healthcheck", "--admin")).as(err.toString()).isZero();
            ending.set(true);
            assertThat(run("healthcheck", "--admin")).isEqualTo(1);
            assertThat(err.toString()).contains("says 503 draining");
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
        assertThat(run("healthcheck", "--admin")).isEqualTo(1);
        assertThat(err.toString()).contains("does not answer");
    }

    @Test
    void refusesWhatMakesNoSense() throws Exception {
        configure("'port': 8080");

        assertThat(run("healthcheck", "--admin")).isEqualTo(2);
        assertThat(err.toString()).contains("the configuration has no server.admin");
        assertThat(run("healthcheck", "--timeout", "0")).isEqualTo(2);
        assertThat(err.toString()).contains("--timeout: expected at least 1");
        Files.writeString(home.resolve("config.json"), "{");
        assertThat(run("healthcheck")).isEqualTo(2);
    }

    private void configure(String server) throws IOException {
        configureAll("'server': {" + server + "}");
    }

    private void configureAll(String keys) throws IOException {
        Files.writeString(home.resolve("config.json"), ("{" + keys + ", 'user': 'root'}").replace('\'', '"'));
    }
}
