package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.DeadAddress;
import io.hipache.testing.Misbehaviour;
import io.hipache.testing.RawClient;
import io.hipache.testing.ReceivedResponse;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import java.io.IOException;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a failing backend costs its client, and what the store is told. */
class FailuresIT {
    private static TestHipache hipache;

    @BeforeAll
    static void start() {
        hipache = TestHipache.with("'deadBackendTTL': 77, 'retryOnError': 3");
    }

    @AfterAll
    static void stop() {
        hipache.close();
    }

    @BeforeEach
    void emptyStore() {
        hipache.redis().flush();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST"})
    void retriesOnAnotherBackendWhenConnectIsRefused(String method) {
        try (TestBackend alive = TestBackend.answering(Response.ok("alive"))) {
            hipache.host("a.example").lists(DeadAddress.url(), alive.url());

            for (int i = 0; i < 10; i++) {
                assertThat(send(method, "a.example").body()).isEqualTo("alive");
                hipache.redis().del("dead:a.example");
            }
        }
    }

    @Test
    void marksADeadBackendForItsTimeAndAnnouncesIt() throws IOException {
        String dead = DeadAddress.url();
        try (TestBackend alive = TestBackend.answering(Response.ok("alive"));
                Announcements announcements = Announcements.listen(hipache.redis())) {
            hipache.host("a.example").lists(alive.url(), dead);

            requestUntilDead("a.example", "1");

            assertThat((Long) hipache.redis().command("TTL", "dead:a.example")).isBetween(70L, 77L);
            assertThat(announcements.next()).isEqualTo("a.example;" + dead + "/;1;2");
        }
    }

    @Test
    void neitherMarksNorAnnouncesTheOnlyBackendOfAFrontend() {
        hipache.host("a.example").lists(DeadAddress.url());

        ReceivedResponse response = send("GET", "a.example");

        assertThat(response.status()).isEqualTo(502);
        assertThat(response.header("x-debug-error")).isEqualTo("Reached max retries limit");
        assertThat(anyoneIsDead()).isFalse();
    }

    @Test
    void marksUnderTheRequestedHostWhenAWildcardMatched() {
        try (TestBackend alive = TestBackend.answering(Response.ok("alive"))) {
            hipache.host("*.example").lists(alive.url(), DeadAddress.url());

            requestUntilDead("deep.a.example", "1");
        }
    }

    @Test
    void retriesAnIdempotentRequestWhenTheConnectionDiesBeforeTheAnswer() {
        try (TestBackend broken = TestBackend.start().misbehaves(new Misbehaviour.ResetBeforeHead());
                TestBackend alive = TestBackend.answering(Response.ok("alive"))) {
            hipache.host("a.example").connects(broken, alive);

            for (int i = 0; i < 10; i++) {
                assertThat(send("PUT", "a.example").body()).isEqualTo("alive");
                hipache.redis().del("dead:a.example");
            }
        }
    }

    @Test
    void doesNotSendAPostTwice() {
        try (TestBackend broken = TestBackend.start().misbehaves(new Misbehaviour.ResetBeforeHead())) {
            hipache.host("a.example").connects(broken, broken);

            assertThat(send("POST", "a.example").status()).isEqualTo(502);
            assertThat(broken.requests()).hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "501, false",
        "505, false",
        "502, true",
        "503, true",
        "599, true",
        "500, false",
        "404, false",
        "200, false"
    })
    void passesOnAnErrorAndMarksItsBackend(int status, boolean marked) {
        try (TestBackend backend = TestBackend.answering(Response.status(status).body("its own"))) {
            hipache.host("a.example").connects(backend, backend);

            assertThat(hipache.host("a.example").gets(status).body()).isEqualTo("its own");

            // the mark is under way before the answer is: a write behind it shows whether there was one
            if (marked) {
                Awaitility.await().until(FailuresIT::anyoneIsDead);
            } else {
                hipache.host("a.example").gets(status);
                assertThat(anyoneIsDead()).isFalse();
            }
            assertThat(backend.requests()).hasSizeBetween(1, 2);
        }
    }

    @Test
    void aMaintenanceIsNoDeath() {
        try (TestBackend backend = TestBackend.answering(Response.status(503).header("Retry-After", "120"))) {
            hipache.host("a.example").connects(backend, backend);

            hipache.host("a.example").gets(503);
            hipache.host("a.example").gets(503);

            assertThat(anyoneIsDead()).isFalse();
        }
    }

    @Test
    void aConnectionThatDiedWhileIdleCostsNothing() {
        TestBackend backend = hipache.backendOf("a.example", Response.ok("hello"));
        assertThat(send("GET", "a.example").body()).isEqualTo("hello");

        backend.misbehaves(new Misbehaviour.Refuse());
        backend.answers(Response.ok("again"));

        assertThat(send("GET", "a.example").body()).isEqualTo("again");
        assertThat(anyoneIsDead()).isFalse();
    }

    @Test
    void answers502ToWhatIsNoResponse() {
        for (Misbehaviour misbehaviour : new Misbehaviour[] {
            new Misbehaviour.Garbage(), new Misbehaviour.TwoLengths(), new Misbehaviour.UnaskedUpgrade()
        }) {
            try (TestBackend backend = TestBackend.start().misbehaves(misbehaviour)) {
                hipache.redis().flush();
                hipache.host("a.example").connects(backend, backend);

                assertThat(send("GET", "a.example").status())
                        .as(misbehaviour.toString())
                        .isEqualTo(502);
                assertThat(backend.requests()).hasSize(1);
                assertThat(anyoneIsDead()).isFalse();
            }
        }
    }

    private static void requestUntilDead(String host, String index) {
        Awaitility.await().until(() -> {
            assertThat(send("GET", host).body()).isEqualTo("alive");
            return Objects.equals(hipache.redis().command("SISMEMBER", "dead:" + host, index), 1L);
        });
    }

    private static boolean anyoneIsDead() {
        return Objects.equals(hipache.redis().command("EXISTS", "dead:a.example"), 1L);
    }

    private static ReceivedResponse send(String method, String host) {
        try (RawClient client = hipache.client()) {
            client.send(method + " / HTTP/1.1\r\nHost: " + host + "\r\nX-Debug: 1\r\nContent-Length: 4\r\n\r\nbody");
            return client.readResponse();
        }
    }
}
