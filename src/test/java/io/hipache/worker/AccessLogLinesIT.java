package io.hipache.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.hipache.testing.DeadAddress;
import io.hipache.testing.FrameClient;
import io.hipache.testing.Misbehaviour;
import io.hipache.testing.RawClient;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestRedis;
import io.hipache.testing.TestTls;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The lines that a worker writes: one for each answer, whoever gave it. */
class AccessLogLinesIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static TestRedis redis;

    private final TestBackend backend = TestBackend.answering(Response.ok("hello"));

    @BeforeAll
    static void start() {
        redis = TestRedis.start();
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    @BeforeEach
    void fillStore() {
        redis.flush();
        redis.rpush("frontend:a.example", "caf\u00e9", backend.url());
        redis.rpush("frontend:dead.example", "dead", DeadAddress.url());
        redis.rpush("frontend:empty.example", "empty");
    }

    @Test
    void everyAnswerHasALine() throws Exception {
        try (RunningWorker worker = new RunningWorker(redis, configured("'accessLogFormat': 'json'"))) {
            exchange(worker, "GET /\u00c3\u00a9\u00ff HTTP/1.1\r\nHost: a.example\r\nUser-Agent: \"\\\r\n\r\n", 200);
            exchange(worker, "GET / HTTP/1.1\r\nHost: unknown.example\r\n\r\n", 400);
            exchange(worker, "GET / HTTP/1.1\r\nHost: empty.example\r\n\r\n", 502);
            exchange(worker, "GET / HTTP/1.1\r\nHost: dead.example\r\n\r\n", 502);
            exchange(worker, "GET /x?y HTTP/1.1\r\nHost : a.example\r\n\r\n", 400);
            exchange(worker, "\u0016\u0003\u0001\r\n\r\n", 400);
            exchange(worker, "GET /" + "x".repeat(33_000) + " HTTP/1.1\r\n\r\n", 431);
            exchange(worker, "CONNECT a:1 HTTP/1.1\r\nHost: a.example\r\n\r\n", 405);
            exchange(worker, "GET / HTTP/1.1\r\nHost: __ping__\r\n\r\n", 200);
            exchange(worker, "GET / HTTP/1.1\r\nHost: __ready__\r\n\r\n", 200);
            try (RawClient plain = RawClient.connect(worker.port(1))) {
                plain.get("a.example", "/plain").readResponse();
            }
            try (FrameClient http2 = FrameClient.connect(worker.port(1))) {
                http2.get(1, "a.example", "/two").readResponse(1);
                http2.headers(3, true, ":method=GET").awaitReset(3);
            }

            List<JsonNode> lines = valid(worker.awaitAccessLog(11));

            assertThat(lines)
                    .extracting(line -> line.get("reason").textValue())
                    .containsExactly(
                            "answered",
                            "no_frontend",
                            "no_live_backend",
                            "connect_refused",
                            "malformed_request",
                            "malformed_request",
                            "head_too_large",
                            "method_refused",
                            "plain_http_on_tls_port",
                            "answered",
                            "malformed_request");
            assertThat(lines.get(0).get("target").textValue()).isEqualTo("/\u00e9\u00ff");
            assertThat(lines.get(0).get("user_agent").textValue()).isEqualTo("\"\\");
            assertThat(lines.get(0).get("virtual_host").textValue()).isEqualTo("caf\u00e9");
            assertThat(lines.get(0).get("backend").textValue()).isEqualTo(backend.url() + "/");
            assertThat(lines.get(0).get("request_id").textValue()).isNotEmpty();
            assertThat(lines.get(4).get("unreadable").textValue()).isEqualTo("GET /x?y HTTP/1.1");
            assertThat(lines.get(5).get("unreadable").textValue()).isEqualTo("\u0016\u0003\u0001");
            assertThat(lines.get(6).get("unreadable").textValue()).hasSize(1024);
            assertThat(lines.get(8).get("unreadable").textValue()).isEqualTo("GET /plain HTTP/1.1");
            assertThat(lines.get(9).get("protocol").textValue()).startsWith("HTTP/2");
            assertThat(lines.get(10).get("status").isNull()).isTrue();
        }
    }

    @Test
    void aConnectionThatIsRefusedAndAClientThatLeavesHaveLines() throws Exception {
        backend.misbehaves(new Misbehaviour.Stall());
        try (RunningWorker worker =
                new RunningWorker(redis, configured("'accessLogFormat': 'json', 'maxConnections': 1"))) {
            try (RawClient busy = worker.client()) {
                busy.get("a.example", "/");
                backend.awaitRequest();
                try (RawClient refused = worker.client()) {
                    assertThat(refused.readResponse().status()).isEqualTo(503);
                }
            }

            List<JsonNode> lines = valid(worker.awaitAccessLog(2));

            assertThat(lines)
                    .extracting(line ->
                            line.get("status") + " " + line.get("reason").textValue())
                    .containsExactly("503 limit_connections", "499 client_gone");
        }
    }

    @Test
    void formatAndOptionsFollowAReload() throws Exception {
        String asking = "GET /?secret HTTP/1.1\r\nHost: a.example\r\nReferer: http://r/?secret\r\n\r\n";
        try (RunningWorker worker = new RunningWorker(redis, configured(""))) {
            exchange(worker, asking, 200);
            worker.follows(configured("'accessLogFormat': 'combined', 'accessLogQuery': false,"
                    + " 'accessLogAddress': 'short', 'logRefused': false"));
            exchange(worker, "GET / HTTP/1.1\r\nHost: unknown.example\r\n\r\n", 400);
            exchange(worker, asking, 200);
            worker.follows(configured("'accessLogFormat': 'extended'"));
            exchange(worker, asking, 200);

            List<String> lines = worker.awaitAccessLog(3);

            assertThat(lines.get(0))
                    .startsWith("::ffff:127.0.0.1 - - [")
                    .contains("] \"GET /?secret HTTP/1.1\" 200 ")
                    .contains(" \"http://r/?secret\" \"\" \"caf\\xC3\\xA9\" 0.");
            assertThat(lines.get(1))
                    .startsWith("127.0.0.0 - - [")
                    .contains("] \"GET / HTTP/1.1\" 200 ")
                    .endsWith(" \"http://r/\" \"-\"");
            assertThat(lines.get(2))
                    .contains(" \"a.example\" \"" + backend.url() + "/\" 0 1 \"answered\" ")
                    .endsWith(" \"HTTP/1.1\"");
        }
    }

    private static void exchange(RunningWorker worker, String request, int status) {
        try (RawClient client = worker.client()) {
            assertThat(client.send(request).readResponse().status()).isEqualTo(status);
        }
    }

    private static List<JsonNode> valid(List<String> lines) throws Exception {
        JsonSchema schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(
                        JSON.readTree(Path.of("docs", "access-log.schema.json").toFile()));
        List<JsonNode> objects = new ArrayList<>();
        for (String line : lines) {
            JsonNode object = JSON.readTree(line);
            assertThat(schema.validate(object)).as(line).isEmpty();
            objects.add(object);
        }
        return objects;
    }

    private static String configured(String server) {
        return "{'server': {" + server + "}, 'http': {'bind': [{'address': '127.0.0.1', 'port': 1}]},"
                + "'https': {'bind': [{'address': '127.0.0.1', 'port': 2}], 'key': '" + TestTls.KEY + "', 'cert': '"
                + TestTls.CERT + "'}, 'driver': 'REDIS'}";
    }
}
