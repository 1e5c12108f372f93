package io.hipache.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.admission.Admission;
import io.hipache.admission.AdmissionLimits;
import io.hipache.config.ConfigException;
import io.hipache.config.ConfigLoader;
import io.hipache.config.HipacheConfig;
import io.hipache.figures.Count;
import io.hipache.figures.Figures;
import io.hipache.net.Transport;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.testing.RecordedLog;
import io.hipache.testing.TestCertificate;
import io.hipache.testing.TestRedis;
import io.hipache.worker.report.Meter;
import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A worker is ready when {@link ProxyPipelines#build} returns. */
class ProxyPipelinesTest {

    private static final String HTTPS = "\"https\": {\"bind\": [{\"address\": \"127.0.0.1\", \"port\": 2}], \"key\": \""
            + TestCertificate.A.keyFile() + "\", \"cert\": \"" + TestCertificate.A.certFile() + "\"}";

    private final RecordedLog log = RecordedLog.of(ProxyPipelines.class);
    private final EventLoopGroup group = Transport.best().newEventLoop("test-loop");

    @AfterEach
    void end() {
        log.close();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private final Admission admission = new Admission(AdmissionLimits.NONE);

    @Test
    void isConnectedToItsStoreBeforeTheFirstRequest() {
        try (TestRedis redis = TestRedis.start()) {
            for (int worker = 1; worker <= 3; worker++) {
                build(redis.port());

                assertThat(String.valueOf(redis.command("CLIENT", "LIST")).split("name=hipache", -1))
                        .hasSize(worker + 1);
            }
        }
    }

    @Test
    void asksOnceMoreForAStoreThatWasNotThereInTime() {
        try (TestRedis redis = TestRedis.start()) {
            ClientPipelines.Served served = new ProxyPipelines("test", Duration.ZERO, Duration.ofSeconds(20))
                    .build(config(json(redis.port())), group, entry -> {}, admission);

            assertThat(served.storeProblem()).isEmpty();
        }
    }

    @Test
    void doesNotWaitForAStoreThatRefuses() {
        build(TestRedis.freePort());

        assertThat(log.lines()).isEmpty();
    }

    @Test
    void doesNotWaitForEverForAStoreThatDoesNotAnswer() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            build(silent.getLocalPort(), Duration.ofMillis(100));

            assertThat(log.lines())
                    .containsExactly("starting without Redis, which has not answered within 100 ms; requests get"
                            + " error pages until it answers");
        }
    }

    @Test
    void warmsUpWithoutATrace() {
        List<ExchangeEnd> accessLog = new ArrayList<>();
        try (TestRedis redis = TestRedis.start()) {
            ProxyPipelines pipelines = ProxyPipelines.warm("test");

            pipelines.build(config(json(redis.port())), group, accessLog::add, admission);

            assertThat(pipelines.requests()).isZero();
            assertThat(pipelines.upstreamSockets()).isZero();
            assertThat(accessLog).isEmpty();
            assertThat(redis.info("commandstats"))
                    .as("look-ups, which find nothing, and nothing else")
                    .contains("cmdstat_evalsha:calls=", "cmdstat_eval:calls=1,")
                    .doesNotContain("sadd", "publish");
            assertThat(redis.info("keyspace")).doesNotContain("db0");
        }
    }

    @Test
    void warmsUpMoreWhileOthersServe() {
        int quick = lookUpCommandsOfAStart(pipelines -> {});

        assertThat(lookUpCommandsOfAStart(ClientPipelines::othersServe)).isGreaterThan(2 * quick);
    }

    @Test
    void doesNotCountTheHandshakesOfTheWarmUp() throws Exception {
        try (TestRedis redis = TestRedis.start()) {
            ProxyPipelines pipelines = ProxyPipelines.warm("test");
            pipelines.useTicketKeys(ByteBuffer.allocate(48));
            Figures figures = new Figures(1);

            pipelines.build(
                    config(json(redis.port()).replace("{\"server\"", "{" + HTTPS + ", \"server\"")),
                    group,
                    end -> {},
                    admission);

            group.next().submit(() -> pipelines.measure(new Meter(figures))).get();
            assertThat(figures.get(Count.TLS_HANDSHAKES)).isZero();
            assertThat(figures.get(Count.TLS_RESUMPTIONS)).isZero();
        }
    }

    private int lookUpCommandsOfAStart(Consumer<ClientPipelines> before) {
        try (TestRedis redis = TestRedis.start()) {
            ProxyPipelines pipelines = ProxyPipelines.warm("test");
            before.accept(pipelines);
            pipelines.build(config(json(redis.port())), group, end -> {}, admission);
            Matcher calls = Pattern.compile("cmdstat_evalsha:calls=(\\d+)").matcher(redis.info("commandstats"));
            assertThat(calls.find()).isTrue();
            return Integer.parseInt(calls.group(1));
        }
    }

    private void build(int redisPort) {
        build(redisPort, Duration.ofSeconds(20));
    }

    private void build(int redisPort, Duration patience) {
        assertThat(new ProxyPipelines("test", patience, patience)
                        .build(config(json(redisPort)), group, entry -> {}, admission))
                .isNotNull();
    }

    private static String json(int redisPort) {
        return "{\"server\": {\"address\": \"127.0.0.1\"}, \"driver\": \"redis://127.0.0.1:" + redisPort + "\"}";
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
}
