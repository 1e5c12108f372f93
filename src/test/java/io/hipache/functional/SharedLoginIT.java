package io.hipache.functional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.testing.FrameClient;
import io.hipache.testing.RawClient;
import io.hipache.testing.ReceivedRequest;
import io.hipache.testing.ReceivedResponse;
import io.hipache.testing.Reply;
import io.hipache.testing.Response;
import io.hipache.testing.TestBackend;
import io.hipache.testing.TestHipache;
import io.hipache.testing.Wire;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A login of NTLM, Negotiate or Kerberos counts for the connection to the backend, so nobody else may have that one. */
class SharedLoginIT {
    private static final String HOST = "a.example";
    private static final int STRANGERS = 8;

    private static TestHipache hipache;

    @BeforeAll
    static void start() {
        hipache = TestHipache.withTls("'maxSockets': 4, 'tcpTimeout': 20");
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
    @CsvSource({"NTLM, NTLM", "Negotiate, Negotiate", "Kerberos, Kerberos", "ntlm, ntlm", "Negotiate,", "NTLM,"})
    void strangersNeverGetTheAnswersOfWhoeverLoggedIn(String scheme, @Nullable String answeredBy) {
        hipache.backendOf(HOST, new LoginServer(answeredBy));
        try (RawClient alice = hipache.client()) {
            assertThat(logIn(alice, scheme, "alice", "").body()).isEqualTo("hello alice");

            for (int i = 0; i < STRANGERS; i++) {
                assertThat(hipache.host(HOST).gets(401).body()).isEqualTo("who are you");
            }
        }
        for (int i = 0; i < STRANGERS; i++) {
            assertThat(hipache.host(HOST).gets(401).body()).isEqualTo("who are you");
        }
    }

    @Test
    void strangersGetNoAnswersOfSomebodyElseOverHttp2Either() {
        hipache.backendOf(HOST, new LoginServer("Negotiate"));
        try (FrameClient alice = FrameClient.connect(hipache.port(1));
                FrameClient stranger = FrameClient.connect(hipache.port(1))) {
            alice.headers(
                    1,
                    true,
                    ":method=GET",
                    ":scheme=https",
                    ":authority=" + HOST,
                    ":path=/",
                    "authorization=Negotiate user-alice");
            assertThat(alice.readResponse(1).body()).isEqualTo("hello alice");

            for (int stream = 1; stream < 2 * STRANGERS; stream += 2) {
                stranger.get(stream, HOST, "/");
                assertThat(stranger.readResponse(stream).body()).isEqualTo("who are you");
            }
            // her streams are not told apart from those of others whom a proxy speaks for
            alice.get(3, HOST, "/");
            assertThat(alice.readResponse(3).body()).isEqualTo("who are you");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"NTLM", "Negotiate"})
    void aLoginOfThreeLegsStaysWithOneConnectionOfOneBackend(String scheme) {
        LoginServer server = new LoginServer(scheme);
        try (TestBackend one = TestBackend.answering(server);
                TestBackend two = TestBackend.answering(server);
                TestBackend three = TestBackend.answering(server);
                RawClient alice = hipache.client();
                RawClient bob = hipache.client()) {
            hipache.host(HOST).connects(one, two, three);

            assertThat(ask(alice, "").status()).isEqualTo(401);
            assertThat(ask(bob, "").status()).isEqualTo(401);
            assertThat(ask(alice, "Authorization: " + scheme + " hello\r\n").header("www-authenticate"))
                    .isEqualTo(scheme + " challenge");
            assertThat(ask(bob, "Authorization: " + scheme + " hello\r\n").header("www-authenticate"))
                    .isEqualTo(scheme + " challenge");
            assertThat(ask(alice, "Authorization: " + scheme + " answer-alice\r\n")
                            .body())
                    .isEqualTo("hello alice");
            assertThat(ask(bob, "Authorization: " + scheme + " answer-bob\r\n").body())
                    .isEqualTo("hello bob");
            for (int i = 0; i < 20; i++) {
                assertThat(ask(alice, "").body()).isEqualTo("hello alice");
                assertThat(ask(bob, "").body()).isEqualTo("hello bob");
            }
        }
    }

    @Test
    void theConnectionEndsWithItsClient() {
        TestBackend backend = hipache.backendOf(HOST, new LoginServer("NTLM"));
        try (RawClient alice = hipache.client()) {
            assertThat(logIn(alice, "NTLM", "alice", "").body()).isEqualTo("hello alice");
            assertThat(backend.openConnections()).isEqualTo(1);
        }

        await().until(() -> backend.openConnections() == 0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Forwarded-For: 192.0.2.1\r\n",
                "Via: 1.1 front\r\n",
                "Forwarded: for=192.0.2.1\r\n",
                "X-Real-IP: 192.0.2.1\r\n"
            })
    void aProxyInFrontThatSpeaksForManySharesNoLoginAmongThem(String sign) {
        hipache.backendOf(HOST, new LoginServer("NTLM"));
        try (RawClient front = hipache.client()) {
            assertThat(logIn(front, "NTLM", "alice", "").body()).isEqualTo("hello alice");
            assertThat(ask(front, sign).body()).isEqualTo("who are you");

            assertThat(logIn(front, "NTLM", "alice", sign).body()).isEqualTo("who are you");
        }
    }

    @Test
    void aLoginThatRestsMakesRoomForThoseWhoWait() {
        hipache.backendOf(HOST, new LoginServer("NTLM"));
        RawClient[] users = new RawClient[4];
        for (int i = 0; i < users.length; i++) {
            users[i] = hipache.client();
            assertThat(logIn(users[i], "NTLM", "user" + i, "").body()).isEqualTo("hello user" + i);
        }

        assertThat(hipache.host(HOST).gets(401).body()).isEqualTo("who are you");

        assertThat(ask(users[3], "").body()).isEqualTo("hello user3");
        assertThat(ask(users[0], "").body()).isEqualTo("who are you");
        for (RawClient user : users) {
            user.close();
        }
    }

    @Test
    void aDeadMarkEndsALoginToo() {
        LoginServer server = new LoginServer("NTLM");
        try (TestBackend one = TestBackend.answering(server);
                TestBackend two = TestBackend.answering(server);
                RawClient alice = hipache.client()) {
            hipache.host(HOST).connects(one, two);
            logIn(alice, "NTLM", "alice", "");
            String used = one.requests().isEmpty() ? "1" : "0";
            hipache.redis().command("SADD", "dead:" + HOST, used);

            assertThat(ask(alice, "").body()).isEqualTo("who are you");
        }
    }

    @Test
    void everybodyElseStillSharesConnections() {
        TestBackend backend =
                hipache.backendOf(HOST, Response.ok("hello").header("WWW-Authenticate", "Basic realm=\"a\", Bearer"));
        for (int i = 0; i < STRANGERS; i++) {
            try (RawClient client = hipache.client()) {
                assertThat(ask(client, "Authorization: Bearer ntlm-negotiate\r\n")
                                .status())
                        .isEqualTo(200);
            }
        }

        assertThat(backend.connections()).isEqualTo(1);
    }

    /** All legs of a login. A server that says nothing of a scheme in its answers takes the user in one leg. */
    private static ReceivedResponse logIn(RawClient client, String scheme, String user, String fields) {
        ReceivedResponse first = ask(client, fields + "Authorization: " + scheme + " user-" + user + "\r\n");
        return first.status() == 200 && fields.isEmpty() ? first : ask(client, fields);
    }

    private static ReceivedResponse ask(RawClient client, String fields) {
        return client.send("GET / HTTP/1.1\r\nHost: " + HOST + "\r\n" + fields + "\r\n")
                .readResponse();
    }

    /**
     * Takes every request on a connection for one of the user who has logged in on it, as IIS does: by one leg, {@code
     * user-alice}, or by two, {@code hello} and {@code answer-alice}.
     */
    private static final class LoginServer implements Reply {
        private final @Nullable String scheme;
        private final Map<Wire, String> users = new ConcurrentHashMap<>();

        LoginServer(@Nullable String scheme) {
            this.scheme = scheme;
        }

        @Override
        public void answer(ReceivedRequest request, Wire wire) throws IOException {
            String login = request.header("authorization");
            String token = login == null ? "" : login.substring(login.indexOf(' ') + 1);
            if (token.startsWith("user-") || (token.startsWith("answer-") && "".equals(users.get(wire)))) {
                users.put(wire, token.substring(token.indexOf('-') + 1));
            } else if (token.equals("hello")) {
                users.put(wire, "");
                Response.status(401)
                        .header("WWW-Authenticate", scheme + " challenge")
                        .answer(request, wire);
                return;
            }
            String user = users.getOrDefault(wire, "");
            Response response =
                    user.isEmpty() ? Response.status(401).body("who are you") : Response.ok("hello " + user);
            if (scheme != null) {
                response = response.header("WWW-Authenticate", user.isEmpty() ? "Basic, " + scheme : scheme + " done");
            }
            response.answer(request, wire);
        }
    }
}
