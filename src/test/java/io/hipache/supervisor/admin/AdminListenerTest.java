package io.hipache.supervisor.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.hipache.accesslog.LogMove;
import io.hipache.cli.common.AdminClient;
import io.hipache.cli.store.AdminView;
import io.hipache.config.ConfigException;
import io.hipache.config.ConfigJson;
import io.hipache.config.HipacheConfig;
import io.hipache.config.json.JsonText;
import io.hipache.figures.BackendUse;
import io.hipache.figures.Event;
import io.hipache.figures.Expiry;
import io.hipache.figures.Gauge;
import io.hipache.outcome.AttemptOutcome;
import io.hipache.outcome.EndReason;
import io.hipache.testing.ExchangeEnds;
import io.hipache.testing.RawClient;
import io.hipache.testing.TestRedis;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdminListenerTest {
    private static final String BACKEND = "http://10.0.0.1:80/";
    private static final String PORT = "'port': 0";

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final FakeWorker worker = new FakeWorker(4711);
    private boolean serving = true;
    private boolean storeUsable = true;
    private boolean supervisorAnswers = true;
    private @Nullable AdminListener listener;

    @AfterEach
    void close() {
        if (listener != null) {
            listener.close();
        }
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    @Test
    void servesMetricsInTheFormatThatIsAskedFor() throws Exception {
        open(PORT);
        reportSomething();

        HttpResponse<String> prometheus = get("/metrics");
        HttpResponse<String> openMetrics = get("/metrics", "accept", "application/openmetrics-text; version=1.0.0");

        assertThat(prometheus.headers().firstValue("content-type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
        assertThat(prometheus.body())
                .contains(
                        "hipache_requests_total{code=\"2xx\",listener=\"127.0.0.1:80\",protocol=\"HTTP/1.1\",reason=\"answered\"} 1.0",
                        "hipache_host_requests_total{code=\"5xx\",host=\"a.example\"} 1.0",
                        "hipache_request_duration_seconds_bucket{le=\"0.01\"} 2",
                        "hipache_worker_resident_bytes{pid=\"4711\",slot=\"0\"} 1.0E8",
                        "hipache_certificate_expiry_timestamp_seconds 2000.0",
                        "hipache_build_info{")
                .doesNotContain("# EOF");
        assertThat(openMetrics.headers().firstValue("content-type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/openmetrics-text"));
        assertThat(openMetrics.body())
                .contains("# TYPE hipache_requests counter")
                .endsWith("# EOF\n");
    }

    @Test
    void servesWhatIsKnownAsJson() throws Exception {
        open(PORT);
        reportSomething();

        assertThat(JsonText.read(get("/status.json").body()).at("/hosts/0/host").textValue())
                .isEqualTo("a.example");
        String host = get("/hosts/a.example.json").body();
        assertThat(JsonText.read(host).at("/failures/0/reason").textValue()).isEqualTo("connect_refused");
        assertThat(JsonText.read(host).at("/marks/0/why").textValue()).isEqualTo("connect_refused");
        assertThat(JsonText.read(host).at("/requests").longValue()).isEqualTo(2);
        assertThat(get("/events.json").body()).contains("\"kind\":\"mark\"", BACKEND);
    }

    @Test
    void showsTheBackendsOfAHostWithTheWorstOnesFirst() throws Exception {
        open(PORT);
        attempt("http://quick:80/", EndReason.ANSWERED, 200, 1);
        attempt("http://slow:80/", EndReason.ANSWERED, 200, 900);
        attempt("http://slow:80/", EndReason.CLIENT_GONE, 499, 0);
        attempt("http://broken:80/", EndReason.ANSWERED, 503, 1);
        worker.figures.use(List.of(new BackendUse("http://slow:80", 3, 1)));
        listener().received(worker, worker.report());

        JsonNode host = JsonText.read(get("/hosts/a.example.json").body());
        JsonNode status = JsonText.read(get("/status.json").body());
        JsonNode underWay = JsonText.read(get("/backends.json").body());

        assertThat(host.path("backends").findValuesAsText("backend"))
                .containsExactly("http://broken:80/", "http://slow:80/", "http://quick:80/");
        assertThat(host.at("/backends/1/firstByte/p99Millis").asInt()).isEqualTo(1_000);
        assertThat(host.at("/backends/1/left/meanMillis").asInt()).isEqualTo(2_000);
        assertThat(host.at("/backends/1/requests").asInt()).isEqualTo(3);
        assertThat(host.at("/left/count").asInt()).isEqualTo(1);
        assertThat(status.at("/backends/0/host").asText() + status.at("/backends/0/failures"))
                .isEqualTo("a.example1");
        assertThat(underWay.at("/backends/0").toString())
                .isEqualTo("{\"backend\":\"http://slow:80\",\"requests\":3,\"tunnels\":1}");
        assertThat(underWay.path("complete").asBoolean()).isTrue();
        assertThat(get("/metrics").body())
                .contains(
                        "hipache_host_backend_attempts_total{backend=\"http://slow:80/\",host=\"a.example\"} 2.0",
                        "hipache_host_backend_failures_total{backend=\"http://broken:80/\",host=\"a.example\"} 1.0",
                        "hipache_host_backend_first_byte_seconds_sum{backend=\"http://slow:80/\",host=\"a.example\"} 0.9",
                        "hipache_host_client_gone_seconds_sum{backend=\"http://slow:80/\",host=\"a.example\"} 2.0");
    }

    private void attempt(String backend, EndReason reason, int status, long firstByteMillis) {
        AttemptOutcome attempt = new AttemptOutcome(
                backend, 0, reason, 0, 0, TimeUnit.MILLISECONDS.toNanos(firstByteMillis), 2_000_000_000);
        worker.figures.count(ExchangeEnds.of("a.example", status, reason, List.of(attempt), 1, 2_000_000_000));
    }

    @Test
    void aHostOfAWildcardIsShownAsTheWildcard() throws Exception {
        open(PORT);
        worker.figures.count(ExchangeEnds.of("*.example.com", 200, EndReason.ANSWERED, List.of(), 1, 1));
        listener().received(worker, worker.report());

        assertThat(get("/hosts/a.b.example.com.json").body()).contains("\"host\":\"*.example.com\"");
        assertThat(get("/hosts/a.example.org.json").statusCode()).isEqualTo(404);
        assertThat(get("/hosts/%zz.json").statusCode()).isEqualTo(404);
    }

    @Test
    void theFilesOfTheDashboardNeedNoToken() throws Exception {
        open(PORT + ", 'token': 's3cret'");

        HttpResponse<String> page = get("/");

        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("content-type")).hasValue("text/html; charset=utf-8");
        assertThat(page.headers().firstValue("content-security-policy"))
                .hasValueSatisfying(policy -> assertThat(policy).contains("default-src 'none'", "script-src 'self'"));
        assertThat(page.body()).contains("dashboard.css", "dashboard.js").doesNotContain("http://", "https://");
        assertThat(get("/dashboard.css").headers().firstValue("content-type")).hasValue("text/css; charset=utf-8");
        for (String script : List.of("/dashboard.js", "/hosts.js", "/page.js")) {
            // text of others never becomes HTML
            assertThat(get(script).body()).doesNotContain("innerHTML", "insertAdjacentHTML", "document.write");
        }
        assertThat(get("/status.json").statusCode()).isEqualTo(401);
        assertThat(get("/dashboard.exe").statusCode()).isEqualTo(401);
    }

    @Test
    void theCommandLineReadsItByTheSameConfiguration() throws Exception {
        String port = "'port': " + TestRedis.freePort() + ", 'token': 's3cret'";
        open(port);
        reportSomething();

        assertThat(new AdminView().of(config(port), "a.example").lines())
                .anyMatch(line -> line.matches("2 requests \\(2xx 1, 5xx 1\\), \\d+ ms on average, 99 % below \\d+ ms"))
                .contains("ended as answered 1, connect_refused 1")
                .anyMatch(line -> line.startsWith(BACKEND + " marked dead here ")
                        && line.endsWith(", because of connect_refused"))
                .anyMatch(line -> line.endsWith("Z connect_refused at " + BACKEND + ", answered with 502"));
        assertThat(new AdminView().of(config(port), "b.example").lines())
                .containsExactly("have had no request for this host that is counted of its own");
        assertThat(new AdminView()
                        .of(config(port.replace("s3cret", "other")), "a.example")
                        .lines())
                .singleElement()
                .asString()
                .endsWith("wants another token than server.admin has");
        assertThat(new AdminView()
                        .of(config("'port': " + TestRedis.freePort()), "a.example")
                        .lines())
                .singleElement()
                .asString()
                .contains("does not answer: Connection refused");
    }

    @Test
    void theCommandLineReadsItByItsUnixSocket(@TempDir Path folder) throws Exception {
        String socket = "'socket': '" + folder.resolve("admin.sock") + "'";
        open(socket);
        reportSomething();

        JsonNode status =
                new AdminClient(Objects.requireNonNull(config(socket).server().admin())).get("/status.json");

        assertThat(Objects.requireNonNull(status).at("/hosts/0/requests").asLong())
                .isEqualTo(2);
    }

    @Test
    void saysWhetherTheMachineCanServe() throws Exception {
        open(PORT);
        assertThat(get("/readyz").statusCode()).isEqualTo(200);

        storeUsable = false;
        assertThat(get("/readyz")).satisfies(answer -> assertThat(answer.statusCode() + answer.body())
                .isEqualTo("503store_away\n"));
        serving = false;
        assertThat(get("/readyz").body()).isEqualTo("no_worker\n");
        assertThat(get("/healthz").statusCode()).isEqualTo(200);
    }

    @Test
    void aSupervisorThatDoesNotDecideIsNotHealthy() throws Exception {
        open(PORT);
        supervisorAnswers = false;

        assertThat(get("/healthz").statusCode()).isEqualTo(503);
    }

    @Test
    void asksForTheTokenExceptForHealth() throws Exception {
        open(PORT + ", 'token': 's3cret'");

        assertThat(get("/metrics").statusCode()).isEqualTo(401);
        assertThat(get("/metrics", "authorization", "Bearer wrong").statusCode())
                .isEqualTo(401);
        assertThat(get("/metrics", "authorization", "Bearer s3cret").statusCode())
                .isEqualTo(200);
        assertThat(get("/healthz").statusCode()).isEqualTo(200);
        assertThat(get("/readyz").statusCode()).isEqualTo(200);
    }

    @Test
    void refusesWhatABrowserMightBeTrickedInto() throws Exception {
        open(PORT);

        assertThat(raw("GET /metrics HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 421");
        assertThat(raw("GET /metrics HTTP/1.0\r\n\r\n")).startsWith("HTTP/1.1 421");
        assertThat(raw("GET / HTTP/1.1\r\nHost: localhost:1\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200")
                .contains("cache-control: no-store", "x-content-type-options: nosniff");
        assertThat(raw("POST /metrics HTTP/1.1\r\nHost: [::1]:9\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx"))
                .startsWith("HTTP/1.1 405");
        assertThat(raw("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\n\r\nx"))
                .startsWith("HTTP/1.1 413");
        assertThat(raw("GET /" + "x".repeat(20_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                .startsWith("HTTP/1.1 400");
    }

    @Test
    void answersOneRequestAfterTheOther() throws Exception {
        open(PORT);

        try (RawClient raw = RawClient.connect(listener().port())) {
            raw.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
            raw.readUntil("ok\n");
            raw.send("HEAD /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(raw.readUntil("\r\n\r\n")).contains("content-length: 6");
            raw.send("GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            assertThat(raw.readToEnd()).startsWith("HTTP/1.1 404");
        }
    }

    @Test
    void aUnixSocketHasItsModeAndIsRemovedInTheEnd(@TempDir Path folder) throws Exception {
        Path socket = folder.resolve("admin.sock");
        open("'socket': '" + socket + "', 'mode': '0660'");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-rw----");
        assertThat(overSocket(socket)).startsWith("HTTP/1.1 200");
        listener().close();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void refusesASocketThatIsInUseAndAFileThatIsNone(@TempDir Path folder) throws Exception {
        Path socket = folder.resolve("admin.sock");
        open("'socket': '" + socket + "'");
        Path file = Files.writeString(folder.resolve("file"), "precious");

        assertThatThrownBy(() -> AdminListener.open(group, config("'socket': '" + socket + "'"), false))
                .hasMessage("cannot listen on " + socket + " (server.admin): it is in use");
        assertThatThrownBy(() -> AdminListener.open(group, config("'socket': '" + file + "'"), false))
                .hasMessageContaining("no socket");
        assertThat(file).hasContent("precious");
        assertThatThrownBy(() -> AdminListener.open(
                        group,
                        config("'socket': '" + folder.resolve("other") + "', 'owner': 'nobody-like-this'"),
                        false))
                .hasMessageContaining("nobody-like-this");
        assertThat(folder.resolve("other.new")).doesNotExist();
    }

    @Test
    void aPortInUseIsAnErrorExceptForASuccessor() throws Exception {
        String port = "'port': " + TestRedis.freePort();
        open(port);

        assertThatThrownBy(() -> AdminListener.open(group, config(port), false))
                .isInstanceOf(IOException.class)
                .hasMessageEndingWith("it is in use");
        try (AdminListener successor = AdminListener.open(group, config(port), true)) {
            assertThat(successor.port()).isEqualTo(listener().port());
        }
    }

    @Test
    void aReloadMovesIt() throws Exception {
        open(PORT);
        int before = listener().port();
        reportSomething();
        HipacheConfig next = config("'port': " + TestRedis.freePort());

        LogMove dropped = listener().prepareMove(next);
        dropped.drop();
        assertThat(get("/healthz").statusCode()).isEqualTo(200);
        listener().prepareMove(next).make();

        assertThat(listener().port()).isNotEqualTo(before);
        assertThat(get("/metrics").body()).contains("host=\"a.example\"");
        assertThatThrownBy(() -> RawClient.connect(before)).hasMessageContaining("cannot connect");
        listener().prepareMove(ConfigJson.decode("{}")).make();
    }

    @Test
    void aReloadCanChangeTheTokenAtTheSameAddress() throws Exception {
        String port = "'port': " + TestRedis.freePort();
        open(port);

        listener().prepareMove(config(port + ", 'token': 'new', 'hosts': 1")).make();

        assertThat(get("/metrics").statusCode()).isEqualTo(401);
        assertThat(get("/metrics", "authorization", "Bearer new").statusCode()).isEqualTo(200);
    }

    private void open(String admin) throws Exception {
        listener = AdminListener.open(group, config(admin), false);
        HipacheConfig config = config(admin);
        listener.ask((Consumer<Facts> asker) -> {
            if (supervisorAnswers) {
                asker.accept(new Facts(config, serving, false, storeUsable));
            }
        });
    }

    private AdminListener listener() {
        return Objects.requireNonNull(listener);
    }

    private static HipacheConfig config(String admin) throws ConfigException {
        return ConfigJson.decode(("{'server': {'admin': {" + admin + "}}}").replace('\'', '"'));
    }

    private void reportSomething() {
        AttemptOutcome refused = new AttemptOutcome(BACKEND, 0, EndReason.CONNECT_REFUSED, 0, 0, 0, 1);
        AttemptOutcome answered = new AttemptOutcome(BACKEND, 0, EndReason.ANSWERED, 0, 0, 1, 1);
        worker.figures.count(
                ExchangeEnds.of("a.example", 502, EndReason.CONNECT_REFUSED, List.of(refused), 1, 7_000_000));
        worker.figures.count(ExchangeEnds.of("a.example", 200, EndReason.ANSWERED, List.of(answered), 1, 7_000_000));
        long now = System.currentTimeMillis();
        worker.figures.happened(new Event(now, Event.Kind.MARK, "a.example", BACKEND, "marked"));
        worker.figures.expire(List.of(new Expiry("a.example", 2_000_000)));
        worker.figures.set(Gauge.RESIDENT_BYTES, 100_000_000);
        listener().received(worker, worker.report());
    }

    private HttpResponse<String> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + listener().port() + path.replace("%zz", "%25zz")))
                .timeout(Duration.ofSeconds(20));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private String raw(String request) throws Exception {
        try (RawClient raw = RawClient.connect(listener().port())) {
            raw.send(request);
            return raw.readToEnd();
        }
    }

    private static String overSocket(Path socket) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            channel.write(ByteBuffer.wrap("GET /metrics HTTP/1.1\r\nHost: hipache\r\nConnection: close\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer answer = ByteBuffer.allocate(1 << 20);
            while (channel.read(answer) >= 0) {
                // until the end
            }
            return StandardCharsets.UTF_8.decode(answer.flip()).toString();
        }
    }
}
