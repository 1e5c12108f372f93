package io.hipache.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.config.HipacheConfig;
import io.hipache.config.KeyFiles;
import io.hipache.link.WorkerMessage;
import io.hipache.testing.FrameClient;
import io.hipache.testing.Misbehaviour;
import io.hipache.testing.RawClient;
import io.hipache.testing.ReceivedResponse;
import io.hipache.testing.Response;
import io.hipache.testing.SniClient;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestCertificate;
import io.hipache.testing.TestRedis;
import io.hipache.testing.WebSocketEcho;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker prepares another configuration beside the one in force, and follows it without closing a connection. */
class ReloadInPlaceIT {
    private static final String LISTEN = "'http': {'bind': [{'address': '127.0.0.1', 'port': 1}]}";

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
    void emptyStore() {
        redis.flush();
        redis.rpush("frontend:a.example", "a", backend.url());
    }

    @Test
    void aRequestFollowsTheConfigurationThatIsInForceWhenItsHeadArrives(@TempDir Path pages) throws Exception {
        Files.writeString(pages.resolve("error_400.html"), "another page");
        try (RunningWorker worker = new RunningWorker(redis, http("'viaName': 'old', 'staticDir': '/tmp'"));
                RawClient client = worker.client()) {
            String request = "GET / HTTP/1.1\r\nHost: a.example\r\nX-Forwarded-For: 9.9.9.9\r\n\r\n";
            client.send(request).readResponse();

            worker.follows(http("'viaName': 'new', 'trustedProxies': [], 'plainIPv4': true, 'retryOnError': 0,"
                    + "'staticDir': '" + pages + "'"));
            client.send(request).readResponse();
            ReceivedResponse refused = client.get("unknown.example", "/").readResponse();

            assertThat(refused.status()).isEqualTo(400);
            assertThat(refused.body()).isEqualTo("another page");
            assertThat(backend.awaitRequest().header("x-forwarded-for")).startsWith("9.9.9.9");
            assertThat(backend.requests().get(0).header("via")).contains("old");
            assertThat(backend.requests().get(1).header("via")).contains("new");
            assertThat(backend.requests().get(1).header("x-forwarded-for")).isEqualTo("127.0.0.1");
        }
    }

    @Test
    void aRequestOfHttp2FollowsTheConfigurationThatIsInForceWhenItsHeadArrives() throws Exception {
        try (RunningWorker worker = new RunningWorker(redis, https(TestCertificate.A, "'viaName': 'old'"));
                FrameClient client = FrameClient.connect(worker.port(1))) {
            client.get(1, "a.example", "/");
            assertThat(client.readResponse(1).status()).isEqualTo(200);

            worker.follows(https(TestCertificate.A, "'viaName': 'new', 'plainIPv4': true, 'tcpTimeout': 1"));
            client.get(3, "a.example", "/");

            assertThat(client.readResponse(3).status()).isEqualTo(200);
            assertThat(backend.requests().get(0).header("via")).contains("old");
            assertThat(backend.requests().get(1).header("via")).contains("new");
            assertThat(backend.requests().get(1).header("x-forwarded-for")).isEqualTo("127.0.0.1");
            // the connection is idle by the new timeout
            client.awaitGoAway();
        }
    }

    @Test
    void aHostIsKnownAfterAReloadThatOpensTheSameStoreAnewWhileItIsAway() throws Exception {
        try (RunningWorker worker = new RunningWorker(redis, http("'staleIfDown': 300"))) {
            assertThat(status(worker, "a.example")).isEqualTo(200);
            redis.stop();
            try {
                worker.follows(http("'staleIfDown': 3600"));

                assertThat(status(worker, "a.example")).isEqualTo(200);
                assertThat(status(worker, "b.example")).isEqualTo(503);
            } finally {
                redis.restart();
            }
        }
    }

    @Test
    void aHostIsNotKnownAfterAReloadToAnotherStore() throws Exception {
        try (TestRedis other = TestRedis.start();
                RunningWorker worker = new RunningWorker(redis, http("'staleIfDown': 300"))) {
            assertThat(status(worker, "a.example")).isEqualTo(200);
            assertThat(worker.prepared(stored(other.url(), "'staleIfDown': 300")))
                    .isEmpty();
            other.stop();
            worker.switches();

            assertThat(status(worker, "a.example")).isEqualTo(503);
        }
    }

    @Test
    void anotherStoreThatIsAwayDoesNotTakeThePlaceOfWhatIsKnown() throws Exception {
        try (RunningWorker worker = new RunningWorker(redis, http("'staleIfDown': 300"))) {
            assertThat(status(worker, "a.example")).isEqualTo(200);
            redis.stop();
            try {
                int away = TestRedis.freePort();
                assertThat(worker.refusal(stored("redis://127.0.0.1:" + away, "'staleIfDown': 300")))
                        .startsWith("driver: Redis 127.0.0.1:" + away + "/0: cannot connect: ");

                assertThat(status(worker, "a.example")).isEqualTo(200);
            } finally {
                redis.restart();
            }
        }
    }

    @Test
    void whatIsKnownDoesNotHideAWrongPassword() throws Exception {
        try (TestRedis locked = TestRedis.start("s3cret");
                RunningWorker worker = new RunningWorker(locked, http("'staleIfDown': 300"))) {
            locked.rpush("frontend:a.example", "a", backend.url());
            assertThat(status(worker, "a.example")).isEqualTo(200);

            assertThat(worker.refusal(stored("redis://:wrong@127.0.0.1:" + locked.port(), "'staleIfDown': 300")))
                    .startsWith("driver: Redis 127.0.0.1:" + locked.port() + "/0: refuses the password");
            assertThat(status(worker, "a.example")).isEqualTo(200);
        }
    }

    private static int status(RunningWorker worker, String host) {
        try (RawClient client = worker.client()) {
            return client.get(host, "/").readResponse().status();
        }
    }

    @Test
    void anIdleConnectionGoesByTheTimeoutOfItsLastRequest() throws Exception {
        try (RunningWorker worker = new RunningWorker(redis, http("'tcpTimeout': 0"));
                RawClient client = worker.client()) {
            client.get("a.example", "/").readResponse();

            worker.follows(http("'tcpTimeout': 1"));
            client.get("a.example", "/").readResponse();

            client.expectClosed();
        }
    }

    @Test
    void aRequestUnderWayEndsWithTheStoreThatItBeganWith() throws Exception {
        CompletableFuture<Boolean> answered = new CompletableFuture<>();
        try (TestRedis own = TestRedis.start();
                RunningWorker worker = new RunningWorker(own, http(""));
                RawClient client = worker.client();
                RawClient other = worker.client()) {
            backend.answersNext((request, wire) -> {
                answered.join();
                wire.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate");
            });
            own.rpush("frontend:a.example", "a", backend.url());
            own.rpush("new:frontend:b.example", "b", backend.url());
            client.get("a.example", "/");
            backend.awaitRequest();

            worker.follows(prefixed("new"));

            assertThat(other.get("a.example", "/").readResponse().status()).isEqualTo(400);
            assertThat(other.get("b.example", "/").readResponse().status()).isEqualTo(200);
            assertThat(worker.storeConnections()).isEqualTo(2);
            answered.complete(true);
            assertThat(client.readResponse().body()).isEqualTo("late");
            assertThat(client.get("b.example", "/").readResponse().status()).isEqualTo(200);
            await().until(() -> worker.storeConnections() == 1);
            assertThat(worker.onLoop(worker.pipelines()::requests)).isEqualTo(4);
        }
    }

    @Test
    void aTunnelPassesBytesThroughAnyNumberOfConfigurations() throws Exception {
        backend.answers(new WebSocketEcho());
        try (RunningWorker worker = new RunningWorker(redis, http("'maxSockets': 100"));
                RawClient client = worker.client()) {
            client.send("GET / HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                            + "Sec-WebSocket-Key: key\r\nSec-WebSocket-Version: 13\r\n\r\n")
                    .readUntil("\r\n\r\n");

            for (int i = 1; i <= 20; i++) {
                worker.follows(http("'maxSockets': " + (100 + i)));
                // a text of one letter, masked with zeros
                client.send(new byte[] {(byte) 0x81, (byte) 0x81, 0, 0, 0, 0, (byte) ('a' + i)});

                assertThat(client.readBytes(3)).isEqualTo("\u0081\u0001" + (char) ('a' + i));
            }

            assertThat(worker.onLoop(worker.pipelines()::upstreamSockets)).isEqualTo(1);
        }
    }

    @Test
    void connectionsToBackendsStayAsFarAsTheSettingsAllowIt() throws Exception {
        try (RunningWorker worker = new RunningWorker(redis, http(""));
                RawClient client = worker.client()) {
            client.get("a.example", "/").readResponse();

            worker.follows(http("'maxSockets': 7, 'tcpTimeout': 9"));
            client.get("a.example", "/").readResponse();

            assertThat(backend.connections()).isEqualTo(1);
            assertThat(worker.onLoop(worker.pipelines()::upstreamSockets)).isEqualTo(1);

            worker.follows(http("'httpKeepAlive': false"));

            await().until(() -> backend.openConnections() == 0);
            client.get("a.example", "/").readResponse();
            await().until(() -> backend.openConnections() == 0);
            assertThat(backend.connections()).isEqualTo(2);
        }
    }

    @Test
    void aRequestThatWaitsForASocketGetsOneOfTheNewOnes() throws Exception {
        backend.answers(new Misbehaviour.Stall());
        try (RunningWorker worker = new RunningWorker(redis, http("'maxSockets': 1"));
                RawClient first = worker.client();
                RawClient second = worker.client();
                RawClient other = worker.client()) {
            first.get("a.example", "/");
            await().until(() -> backend.openConnections() == 1);
            second.get("a.example", "/");
            // an answer from the store that was asked for later: by now the second request waits
            other.get("unknown.example", "/").readResponse();

            worker.follows(http("'maxSockets': 2"));

            await().until(() -> backend.openConnections() == 2);
        }
    }

    @Test
    void handshakesShowTheCertificateOfTheConfigurationInForce() throws Exception {
        try (RunningWorker worker = new RunningWorker(redis, https(TestCertificate.A, ""));
                RawClient client = RawClient.connectTls(worker.port(1), "TLSv1.3")) {
            client.get("a.example", "/").readResponse();
            assertThat(SniClient.shown(worker.port(1), null)).isEqualTo("a first");

            worker.follows(https(TestCertificate.B, ""));

            assertThat(SniClient.shown(worker.port(1), null)).isEqualTo("b");
            assertThat(client.get("a.example", "/").readResponse().status()).isEqualTo(200);
        }
    }

    @Test
    void anAddressCanBeginAndCeaseToSpeakTls() throws Exception {
        String tls = "'https': {'bind': [{'address': '127.0.0.1', 'port': 1}], 'key': '" + TestCertificate.A.keyFile()
                + "', 'cert': '" + TestCertificate.A.certFile() + "'}";
        try (RunningWorker worker = new RunningWorker(redis, http(""));
                RawClient client = worker.client()) {
            client.get("a.example", "/").readResponse();

            worker.order(new WorkerMessage.TicketKeys(ByteBuffer.allocate(48)));
            worker.follows("{'http': {'bind': []}, " + tls + ", 'driver': 'REDIS'}");
            assertThat(SniClient.shown(worker.port(0), null)).isEqualTo("a first");
            assertThat(client.get("a.example", "/").readResponse().status()).isEqualTo(200);

            worker.follows(http(""));
            try (RawClient plain = worker.client()) {
                assertThat(plain.get("a.example", "/").readResponse().status()).isEqualTo(200);
            }
        }
    }

    @Test
    void onlyTheClientsOfAnAddressThatIsGoneLeave() throws Exception {
        try (RunningWorker worker = new RunningWorker(redis, https(TestCertificate.A, ""));
                RawClient staying = worker.client();
                RawClient busy = RawClient.connectTls(worker.port(1), "TLSv1.3");
                RawClient idle = RawClient.connectTls(worker.port(1), "TLSv1.3")) {
            staying.get("a.example", "/").readResponse();
            busy.get("a.example", "/").readResponse();
            idle.get("a.example", "/").readResponse();

            worker.follows(http("'gracefulWait': 1"));
            // a connection that was in the queue or on its way is accepted, and answered for the last time
            ReceivedResponse last = busy.get("a.example", "/").readResponse();

            assertThat(last.status()).isEqualTo(200);
            idle.expectClosed();
            await().untilAsserted(() ->
                    assertThat(worker.onLoop(() -> worker.worker().clients())).isEqualTo(1));
            assertThat(staying.get("a.example", "/").readResponse().header("connection"))
                    .isNotEqualTo("close");
            worker.follows(https(TestCertificate.B, ""));
            worker.listen(1);
            assertThat(SniClient.shown(worker.port(2), null)).isEqualTo("b");
        }
    }

    @Test
    void limitsFollow() throws Exception {
        try (RunningWorker worker = new RunningWorker(redis, http("'maxRequests': 1000"));
                RawClient client = worker.client()) {
            client.get("a.example", "/").readResponse();
            CompletableFuture<Boolean> answered = new CompletableFuture<>();
            backend.answers((request, wire) -> {
                answered.join();
                wire.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate");
            });
            client.get("a.example", "/");
            await().until(() -> backend.requests().size() == 2);

            worker.follows(http("'maxRequests': 1"));
            try (RawClient second = worker.client()) {
                assertThat(second.get("a.example", "/").readResponse().status()).isEqualTo(503);
                worker.follows(http("'maxRequests': 2"));
                second.get("a.example", "/");
                answered.complete(true);
                assertThat(second.readResponse().status()).isEqualTo(200);
            }
            assertThat(client.readResponse().status()).isEqualTo(200);
        }
    }

    @Test
    void refusesWhatItCannotUseAndServesAsBefore(@TempDir Path pages) throws Exception {
        Files.createDirectory(pages.resolve("error_502.html"));
        try (TestRedis other = TestRedis.start("s3cret");
                RunningWorker worker = new RunningWorker(redis, https(TestCertificate.A, ""));
                RawClient client = RawClient.connectTls(worker.port(1), "TLSv1.3")) {
            client.get("a.example", "/").readResponse();
            String at = "127.0.0.1:" + other.port();
            other.command("ACL", "SETUSER", "poor", "on", ">poor", "~tls:*", "+get", "+client", "+select", "+ping");

            assertThat(worker.refusal(stored("redis://:wrong@" + at)))
                    .isEqualTo("driver: Redis " + at + "/0: refuses the password: "
                            + "WRONGPASS invalid username-password pair or user is disabled.");
            assertThat(worker.refusal(stored("redis://" + at)))
                    .startsWith("driver: Redis " + at + "/0: wants a password");
            assertThat(worker.refusal(stored(other.url() + "/99")))
                    .startsWith("driver: Redis " + at + "/99: refuses the connection: ERR DB index is out of range");
            assertThat(worker.refusal(stored("redis://poor:poor@" + at)))
                    .startsWith("driver: Redis " + at + "/0: cannot answer look-ups: ")
                    .contains("NOPERM");
            assertThat(worker.refusal(stored(redis.url() + "', 'redis://poor:poor@" + at)))
                    .startsWith("driver: Redis " + at + "/0: dead backends cannot be marked: NOPERM");
            int away = TestRedis.freePort();
            assertThat(worker.refusal(stored("redis://127.0.0.1:" + away)))
                    .startsWith("driver: Redis 127.0.0.1:" + away + "/0: cannot connect: ");
            assertThat(worker.refusal(worker.config(http("'staticDir': '" + pages + "'"))))
                    .isEqualTo("server.staticDir: error page " + pages
                            + "/error_502.html cannot be used: it is not a file");
            assertThat(worker.refusal(mixedUp(worker.config(https(TestCertificate.B, "")))))
                    .contains(TestCertificate.B.keyFile().toString());

            assertThat(client.get("a.example", "/").readResponse().status()).isEqualTo(200);
            assertThat(SniClient.shown(worker.port(1), null)).isEqualTo("a first");
            await().untilAsserted(() ->
                    assertThat(String.valueOf(other.command("CLIENT", "LIST"))).doesNotContain("name=hipache"));
        }
    }

    @Test
    void nothingWaitsForAStoreThatIsBeingTried() throws Exception {
        try (TestRedis other = TestRedis.start();
                RunningWorker worker = new RunningWorker(redis, http(""), Duration.ofSeconds(30));
                RawClient client = worker.client()) {
            other.pause();
            int cancelled = worker.prepare(stored(other.url()));

            worker.order(new WorkerMessage.Ping(7));
            worker.await(new WorkerMessage.Pong(7, true));
            worker.listen(0);
            worker.order(new WorkerMessage.Discard(cancelled));
            assertThat(client.get("a.example", "/").readResponse().status()).isEqualTo(200);
            worker.prepare(stored(other.url()));
            // in place of the one before, which is not answered any more
            worker.follows(http("'maxSockets': 5"));
            worker.order(new WorkerMessage.Switch(cancelled));
            worker.await(new WorkerMessage.Refused(cancelled, "it is not prepared"));
            other.resume();
            await().until(() -> !String.valueOf(other.command("CLIENT", "LIST")).contains("name=hipache"));
        }
    }

    @Test
    void waitsForAnotherStoreNoLongerThanItMay() throws Exception {
        try (TestRedis other = TestRedis.start();
                RunningWorker worker = new RunningWorker(redis, http(""), Duration.ofMillis(300))) {
            other.pause();

            assertThat(worker.refusal(stored(other.url()))).isEqualTo("driver: Redis has not answered within 300 ms");
            other.resume();
        }
    }

    @Test
    void takesAStoreThatIsAwayWhereThePresentOneIsAwayToo() throws Exception {
        try (TestRedis first = TestRedis.start();
                RunningWorker worker = new RunningWorker(first, http(""));
                RawClient client = worker.client()) {
            worker.order(new WorkerMessage.Ping(1));
            worker.await(new WorkerMessage.Pong(1, true));
            first.stop();
            await().until(() -> !worker.onLoop(worker.worker()::isStoreUsable));

            worker.follows(http("").replace("REDIS", "redis://127.0.0.1:" + TestRedis.freePort()));
            assertThat(worker.worker().storeProblem()).contains("cannot connect");
            worker.order(new WorkerMessage.Ping(2));
            worker.await(new WorkerMessage.Pong(2, false));
            worker.follows(http("").replace("REDIS", redis.url()));

            assertThat(client.get("a.example", "/").readResponse().status()).isEqualTo(200);
            assertThat(worker.worker().storeProblem()).isEmpty();
        }
    }

    @Test
    void keepsTheCacheOfLookUpsWhileItIsTheSame() throws Exception {
        try (RunningWorker worker = new RunningWorker(redis, http("'lruCache': {'size': 10, 'ttl': 600}"));
                RawClient client = worker.client()) {
            client.get("a.example", "/").readResponse();
            redis.flush();

            worker.follows(http("'lruCache': {'size': 10, 'ttl': 600}, 'maxSockets': 5"));
            assertThat(client.get("a.example", "/").readResponse().status()).isEqualTo(200);
            worker.follows(http("'lruCache': {'size': 11, 'ttl': 600}, 'maxSockets': 5"));
            assertThat(client.get("a.example", "/").readResponse().status()).isEqualTo(400);
        }
    }

    private static String http(String server) {
        return "{'server': {" + server + "}, " + LISTEN + ", 'driver': 'REDIS'}";
    }

    private static String prefixed(String prefix) {
        return http("").replace("'REDIS'", "'REDIS#" + prefix + ":'");
    }

    private static String https(TestCertificate certificate, String server) {
        return "{'server': {" + server + "}, " + LISTEN
                + ", 'https': {'bind': [{'address': '127.0.0.1', 'port': 2}], 'key': '" + certificate.keyFile()
                + "', 'cert': '" + certificate.certFile() + "'}, 'driver': 'REDIS'}";
    }

    private static HipacheConfig stored(String url) {
        return stored(url, "");
    }

    private static HipacheConfig stored(String url, String server) {
        return RunningWorker.parse(http(server).replace("'REDIS'", "['" + url + "']"));
    }

    /** The same configuration, as if its key belonged to another certificate. */
    private static HipacheConfig mixedUp(HipacheConfig config) {
        Map<Path, String> texts = new HashMap<>(config.files().texts());
        texts.put(TestCertificate.B.keyFile(), TestCertificate.A.key());
        return new HipacheConfig(
                config.server(),
                config.listeners(),
                config.certificates(),
                config.drivers(),
                config.user(),
                config.group(),
                new KeyFiles(texts));
    }
}
