package io.hipache.proxy;

import static io.hipache.proxy.InMemoryProxy.GET;
import static io.hipache.proxy.InMemoryProxy.OK;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.admission.AdmissionLimits;
import io.hipache.outcome.EndReason;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.routing.Backend;
import io.hipache.routing.Driver.DeadBackend;
import io.hipache.upstream.InMemoryChannel;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What follows when a backend fails, or the client leaves. */
class ExchangeFailureTest {
    private static final String POST = "POST / HTTP/1.1|Host: h|Content-Length: 4||body";

    private static final Backend FIRST = new Backend(false, "b", 81);
    private static final int MANY = Integer.MAX_VALUE;
    /** One request may wait for a backend, and it may have one tunnel. */
    private static final AdmissionLimits LIMITS =
            new AdmissionLimits(MANY, MANY, MANY, 1, Long.MAX_VALUE, MANY, Long.MAX_VALUE, MANY, 0, 1);

    private final InMemoryProxy proxy;

    ExchangeFailureTest(@TempDir Path noPages) {
        proxy = new InMemoryProxy(noPages, LIMITS);
    }

    @AfterEach
    void leavesNothingBehind() {
        proxy.endWithoutALeak();
    }

    @Test
    void triesAnotherBackendWhereOneRefuses() {
        proxy.driver.frontend("h", "site", "http://b:81", "http://b:82");
        proxy.send(POST);
        int refusing = proxy.backends().next().port();
        proxy.backends().refuse();

        assertThat(proxy.backends().next().port()).isEqualTo(163 - refusing);
        InMemoryChannel backend = proxy.accept();
        assertThat(backend.sent()).endsWith("\r\n\r\nbody");
        proxy.answer(backend, OK);

        assertThat(proxy.got()).isEqualTo(OK);
        assertThat(proxy.driver.deaths)
                .containsExactly(new DeadBackend(
                        "h", "h", refusing - 81, "http://b:" + refusing, "http://b:" + refusing + "/", 2, false));
        assertThat(proxy.logged()).containsExactly(200);
    }

    @Test
    void passesOverAFullBackendWhileAnotherHasASocketFree() {
        proxy.driver.frontend("h", "site", "http://b:81", "http://b:82");
        proxy.fill(FIRST);
        proxy.send(GET);

        emptyFirst();

        assertThat(proxy.backends().next().port()).isEqualTo(82);
        proxy.answer(proxy.accept(), OK);
        assertThat(proxy.got()).isEqualTo(OK);
    }

    @Test
    void answersWhereNoMoreMayWaitAndBlamesNoBackend() {
        proxy.driver.frontend("h", "site", "http://b:81", "http://b:81");
        proxy.fill(FIRST);
        InMemoryChannel waiting = proxy.anotherClient();
        waiting.receive(Heads.lines(GET));

        proxy.send(GET);

        assertThat(waiting.sent()).isEmpty();
        proxy.close(waiting);
        assertThat(proxy.got())
                .startsWith("HTTP/1.1 503 ")
                .containsIgnoringCase("|retry-after: 1|")
                .contains("server.maxSockets", "server.maxWaiting");
        assertThat(proxy.driver.deaths).isEmpty();
        assertThat(proxy.ends.get(0).reason()).isEqualTo(EndReason.SOCKETS_FULL);
        assertThat(proxy.client().isOpen()).isTrue();
        emptyFirst();
    }

    @Test
    void forgetsAClientThatLeavesWhileItWaitsForASocket() {
        proxy.fill(FIRST);
        proxy.send(POST);
        assertThat(proxy.waiting()).isEqualTo(1);

        proxy.close(proxy.client());

        assertThat(proxy.waiting()).isZero();
        assertThat(proxy.logged()).containsExactly(499);
        emptyFirst();
    }

    @Test
    void goesToAnotherBackendThatIsFreeSooner() {
        proxy.driver.frontend("h", "site", "http://b:81", "http://b:82");
        proxy.fill(FIRST);
        InMemoryChannel one = proxy.anotherClient();
        InMemoryChannel two = proxy.anotherClient();
        one.receive(Heads.lines(GET));
        two.receive(Heads.lines(GET));
        emptyFirst();
        proxy.fill(FIRST);
        InMemoryChannel busy = proxy.accept();
        proxy.accept();
        proxy.send(GET);
        assertThat(proxy.waiting()).isEqualTo(1);

        proxy.answer(busy, OK);
        emptyFirst();

        assertThat(busy.sent()).as("both requests").matches("(?s)GET .*GET .*");
        proxy.answer(busy, OK);
        assertThat(proxy.got()).isEqualTo(OK);
        assertThat(proxy.ends.get(1).attempts()).hasSize(1);
        proxy.close(one);
        proxy.close(two);
    }

    @Test
    void answersAnUpgradeBeyondTheShareWithoutAskingTheBackend() {
        proxy.tunnel();
        InMemoryChannel other = proxy.anotherClient();
        other.receive(Heads.lines(InMemoryProxy.ASK));

        assertThat(proxy.backends().connecting()).isZero();
        assertThat(other.sent()).startsWith("HTTP/1.1 503 ").contains("server.maxTunnels");
        other.receive(Heads.lines(GET));
        InMemoryChannel backend = proxy.accept();
        proxy.answer(backend, OK);
        assertThat(other.sent()).as("the share of requests").isEqualTo(Heads.lines(OK));
        other.close();
        other.runPendingTasks();
    }

    /** Ends the connections that {@link InMemoryProxy#fill} asked for. */
    private void emptyFirst() {
        while (proxy.backends().connecting() > 0 && proxy.backends().next().equals(FIRST)) {
            proxy.backends().refuse();
        }
    }

    @Test
    void givesUpAfterAsManyAttemptsAsItMayMake() {
        proxy.send(GET);

        for (int i = 0; i < 4; i++) {
            proxy.backends().refuse();
        }

        assertThat(proxy.got()).startsWith("HTTP/1.1 502 ").endsWith("||Reached max retries limit");
        assertThat(proxy.driver.deaths).as("of the only backend").isEmpty();
        assertThat(proxy.client().isOpen()).isTrue();
        assertThat(proxy.logged()).containsExactly(502);
    }

    @Test
    void givesUpAlsoWhereConnectingFailsAtOnce() {
        proxy.backends().refuseAtOnce();

        proxy.send(GET + GET);

        assertThat(proxy.got()).containsPattern("502 .*Reached max retries limit.*502 .*Reached max retries limit");
        assertThat(proxy.logged()).containsExactly(502, 502);
    }

    @Test
    void asksAgainOnAFreshConnectionWhereAUsedOneWasStale() {
        InMemoryChannel stale = proxy.afterOneExchange();
        proxy.send(GET);

        proxy.close(stale);
        InMemoryChannel fresh = proxy.accept();
        assertThat(fresh.sent()).startsWith("GET / ");
        proxy.answer(fresh, OK);

        assertThat(proxy.got()).isEqualTo(OK);
        assertThat(proxy.driver.deaths).isEmpty();
    }

    @Test
    void asksOnlyOnceMoreOnAFreshConnection() {
        InMemoryChannel stale = proxy.afterOneExchange();
        proxy.driver.frontend("h", "site", "http://b:81", "http://b:81");
        proxy.send(GET);

        proxy.close(stale);
        proxy.close(proxy.accept());

        assertThat(proxy.got()).startsWith("HTTP/1.1 502 ");
        assertThat(proxy.backends().connecting()).isZero();
        assertThat(proxy.driver.deaths).as("the request may be to blame").isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {GET, InMemoryProxy.ASK, "PUT / HTTP/1.1|Host: h|Content-Length: 4||body"})
    void marksABackendThatDropsWhatAnotherOneAnswers(String request) {
        twoBackends();
        proxy.send(request);
        int dropping = proxy.backends().next().port();
        proxy.close(proxy.accept());
        assertThat(proxy.driver.deaths).as("before the witness has answered").isEmpty();

        assertThat(proxy.backends().next().port()).isEqualTo(163 - dropping);
        proxy.answer(proxy.accept(), OK);

        assertThat(proxy.got()).isEqualTo(OK);
        assertThat(proxy.driver.deaths).containsExactly(softDeath(dropping));
    }

    @Test
    void takesAnUpgradeForAnAnswer() {
        twoBackends();
        proxy.send(InMemoryProxy.ASK);
        int dropping = proxy.backends().next().port();
        proxy.close(proxy.accept());

        InMemoryChannel witness = proxy.accept();
        witness.sent();
        proxy.answer(witness, InMemoryProxy.GRANT);
        proxy.close(witness);

        assertThat(proxy.driver.deaths).containsExactly(softDeath(dropping));
    }

    @ParameterizedTest
    @ValueSource(strings = {GET, InMemoryProxy.ASK})
    void marksNobodyWhenTheWitnessDropsTheRequestAsWell(String request) {
        proxy.driver.frontend("h", "site", "http://b:81", "http://b:82", "http://b:83");
        proxy.send(request);

        proxy.close(proxy.accept());
        proxy.close(proxy.accept());

        assertThat(proxy.got()).startsWith("HTTP/1.1 502 ");
        assertThat(proxy.backends().connecting()).as("a third attempt").isZero();
        assertThat(proxy.driver.deaths).isEmpty();
    }

    @Test
    void looksForAnotherWitnessWhereOneRefuses() {
        proxy.driver.frontend("h", "site", "http://b:81", "http://b:82", "http://b:83");
        proxy.send(GET);
        int dropping = proxy.backends().next().port();
        proxy.close(proxy.accept());
        proxy.backends().refuse();
        assertThat(proxy.driver.deaths).extracting(DeadBackend::soft).containsExactly(false);

        proxy.answer(proxy.accept(), OK);

        assertThat(proxy.driver.deaths).hasSize(2).last().isEqualTo(softDeath(dropping, 3));
    }

    @Test
    void takesNoBackendForTheWitnessAgainstItself() {
        proxy.driver.frontend("h", "site", "http://b:81", "http://b:81");
        proxy.send(GET);
        proxy.close(proxy.accept());

        proxy.answer(proxy.accept(), OK);

        assertThat(proxy.got()).isEqualTo(OK);
        assertThat(proxy.driver.deaths).isEmpty();
    }

    @Test
    void marksNobodyWhenTheClientLeavesBeforeTheWitnessAnswers() {
        twoBackends();
        proxy.send(GET);
        proxy.close(proxy.accept());
        proxy.accept();

        proxy.close(proxy.client());

        assertThat(proxy.driver.deaths).isEmpty();
        assertThat(proxy.logged()).containsExactly(499);
    }

    @Test
    void marksABackendAtOnceThatDropsWhatCannotBeRepeated() {
        twoBackends();
        proxy.send(POST);
        int dropping = proxy.backends().next().port();

        proxy.close(proxy.accept());

        assertThat(proxy.got()).startsWith("HTTP/1.1 502 ");
        assertThat(proxy.driver.deaths).containsExactly(softDeath(dropping));
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT"})
    void blamesNoBackendThatGivesUpOnAClientThatOwesItsBody(String method) {
        twoBackends();
        proxy.send(method + " / HTTP/1.1|Host: h|Content-Length: 9||half");
        proxy.close(proxy.accept());
        if (method.equals("PUT")) {
            proxy.answer(proxy.accept(), OK);
        }

        assertThat(proxy.driver.deaths).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {502, 503, 504})
    void blamesNoBackendThatAnswersAClientThatOwesItsBodyWithAnError(int status) {
        twoBackends();
        proxy.send("POST / HTTP/1.1|Host: h|Content-Length: 9|Expect: 100-continue||");

        proxy.answer(proxy.accept(), "HTTP/1.1 " + status + " x|Content-Length: 0||");

        assertThat(proxy.got()).startsWith("HTTP/1.1 " + status + " x|");
        assertThat(proxy.driver.deaths).isEmpty();
    }

    @Test
    void blamesNoBackendForWhatItsWorkerCannotRead() {
        twoBackends();
        List<Throwable> failures = List.of(
                new OutOfMemoryError("failed to allocate"),
                new DecoderException(new OutOfMemoryError("failed to allocate")),
                new IOException("readAddress(..) failed: Cannot allocate memory"));

        for (Throwable failure : failures) {
            proxy.send(GET);
            proxy.accept().pipeline().fireExceptionCaught(failure);
            assertThat(proxy.got()).startsWith("HTTP/1.1 503 ");
        }

        assertThat(proxy.driver.deaths).isEmpty();
        assertThat(proxy.backends().connecting()).isZero();
        assertThat(proxy.ends).extracting(ExchangeEnd::reason).containsOnly(EndReason.LIMIT_MEMORY);
    }

    private void twoBackends() {
        proxy.driver.frontend("h", "site", "http://b:81", "http://b:82");
    }

    private static DeadBackend softDeath(int port) {
        return softDeath(port, 2);
    }

    private static DeadBackend softDeath(int port, int backends) {
        String entry = "http://b:" + port;
        return new DeadBackend("h", "h", port - 81, entry, entry + "/", backends, true);
    }

    @Test
    void doesNotRepeatAPostThatWasSent() {
        InMemoryChannel stale = proxy.afterOneExchange();
        proxy.send(POST);

        proxy.close(stale);

        assertThat(proxy.got()).startsWith("HTTP/1.1 502 ");
        assertThat(proxy.backends().connecting()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SSH-2.0-OpenSSH|",
                "HTTP/1.1 200 OK|Content-Length: 1|Content-Length: 2||",
                "HTTP/1.1 101 Switching Protocols|Upgrade: x||"
            })
    void doesNotPassOnWhatIsNoResponse(String garbage) {
        proxy.send(GET);
        InMemoryChannel backend = proxy.accept();

        proxy.answer(backend, garbage);

        assertThat(proxy.got()).startsWith("HTTP/1.1 502 ").endsWith("||backend sent an invalid response");
        assertThat(backend.isOpen()).isFalse();
        assertThat(proxy.client().isOpen()).isTrue();
        assertThat(proxy.logged()).containsExactly(502);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 3||ok", "Transfer-Encoding: chunked||2|ok|"})
    void neverLetsABrokenResponseLookComplete(String start) {
        proxy.send(GET + GET);
        InMemoryChannel backend = proxy.accept();
        proxy.answer(backend, "HTTP/1.1 200 OK|" + start);

        proxy.close(backend);

        assertThat(proxy.got()).isEqualTo("HTTP/1.1 200 OK|" + start);
        assertThat(proxy.client().isOutputShutdown()).isTrue();
        assertThat(proxy.logged()).containsExactly(200);
        assertThat(proxy.backends().connecting()).as("for the request behind").isZero();
    }

    @Test
    void cutsTheClientOffWhereAChunkedResponseTurnsIntoGarbage() {
        proxy.send(GET);
        InMemoryChannel backend = proxy.accept();

        proxy.answer(backend, "HTTP/1.1 200 OK|Transfer-Encoding: chunked||2|ok|");
        proxy.answer(backend, "zz|");

        assertThat(proxy.got()).endsWith("||2|ok|");
        assertThat(proxy.client().isOutputShutdown()).isTrue();
        assertThat(backend.isOpen()).isFalse();
    }

    @Test
    void takesNoBytesBehindAResponseForTheNextOne() {
        proxy.send(GET + GET);
        InMemoryChannel backend = proxy.accept();

        proxy.answer(backend, OK + "HTTP/1.1 200 OK|Content-Length: 6||poison");
        proxy.answer(proxy.accept(), OK);

        assertThat(proxy.got()).isEqualTo(OK + OK);
        assertThat(backend.isOpen()).isFalse();
    }

    @Test
    void forgetsAClientThatLeavesDuringTheLookUp() {
        proxy.driver.hold();
        proxy.send(POST);

        proxy.close(proxy.client());
        proxy.driver.answer();

        assertThat(proxy.backends().connecting()).isZero();
        assertThat(proxy.accessLog()).isEmpty();
    }

    @Test
    void forgetsAClientThatLeavesWhileConnecting() {
        proxy.send(POST);

        proxy.close(proxy.client());
        InMemoryChannel idle = proxy.accept();

        assertThat(idle.sent()).isEmpty();
        assertThat(proxy.logged()).containsExactly(499);
    }

    @Test
    void closesTheBackendsConnectionWhenTheClientLeavesBeforeItsResponse() {
        proxy.send("PUT / HTTP/1.1|Host: h|Content-Length: 9||half");
        InMemoryChannel backend = proxy.accept();

        proxy.close(proxy.client());

        assertThat(backend.isOpen()).isFalse();
        assertThat(proxy.driver.deaths).isEmpty();
        assertThat(proxy.logged()).containsExactly(499);
    }

    @Test
    void closesTheBackendsConnectionWhenTheClientLeavesWithinItsResponse() {
        proxy.send(GET);
        InMemoryChannel backend = proxy.accept();
        proxy.answer(backend, "HTTP/1.1 200 OK|Content-Length: 9||half");

        proxy.close(proxy.client());

        assertThat(backend.isOpen()).isFalse();
        assertThat(proxy.logged()).containsExactly(200);
    }

    @Test
    void forgetsAClientThatLeavesBetweenTwoAttempts() {
        proxy.send(GET);
        proxy.driver.hold();
        proxy.backends().refuse();

        proxy.close(proxy.client());
        proxy.driver.answer();

        assertThat(proxy.backends().connecting()).isZero();
        assertThat(proxy.logged()).containsExactly(499);
    }
}
