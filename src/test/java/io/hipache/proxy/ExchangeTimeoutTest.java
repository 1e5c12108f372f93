package io.hipache.proxy;

import static io.hipache.proxy.InMemoryProxy.GET;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.upstream.InMemoryChannel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What follows when nothing has moved for {@code tcpTimeout}. */
class ExchangeTimeoutTest {
    private final InMemoryProxy proxy;

    ExchangeTimeoutTest(@TempDir Path noPages) {
        proxy = new InMemoryProxy(noPages);
        proxy.driver.frontend("h", "site", "http://b:81", "http://b:81");
    }

    @AfterEach
    void leavesNothingBehind() {
        proxy.endWithoutALeak();
    }

    @Test
    void closesAConnectionThatSendsNothing() {
        proxy.passSeconds(20);

        assertThat(proxy.client().isOpen()).isFalse();
        assertThat(proxy.got()).isEmpty();
    }

    @Test
    void closesAConnectionThatStopsInItsHead() {
        proxy.send("GET / HT");

        proxy.passSeconds(20);

        assertThat(proxy.client().isOpen()).isFalse();
        assertThat(proxy.got()).isEmpty();
    }

    @Test
    void closesAConnectionWhoseHeadDrips() {
        for (String drop : List.of("GET / HTTP/1.1|", "A: 1|", "B: 2|")) {
            proxy.send(drop);
            proxy.passSeconds(8);
        }

        assertThat(proxy.client().isOpen()).isFalse();
        assertThat(proxy.got()).isEmpty();
    }

    @Test
    void closesAConnectionThatIsIdleBetweenRequests() {
        proxy.send("GET / HTTP/1.1|Host: __ping__||");

        proxy.passSeconds(19);
        assertThat(proxy.client().isOpen()).isTrue();
        proxy.passSeconds(1);

        assertThat(proxy.client().isOpen()).isFalse();
    }

    @Test
    void letsABodyDripInEitherDirection() {
        proxy.send("PUT / HTTP/1.1|Host: h|Content-Length: 4||");
        InMemoryChannel backend = proxy.accept();

        for (String drop : List.of("b", "o", "d", "y")) {
            proxy.passSeconds(15);
            proxy.send(drop);
        }
        proxy.passSeconds(15);
        proxy.answer(backend, "HTTP/1.1 200 OK|Content-Length: 4||");
        for (String drop : List.of("b", "o", "d", "y")) {
            proxy.passSeconds(15);
            proxy.answer(backend, drop);
        }

        assertThat(proxy.got()).endsWith("||body");
        assertThat(proxy.client().isOpen()).isTrue();
    }

    @Test
    void takesARequestThatDripsToItsBackendForActivity() {
        InMemoryChannel backend = proxy.afterOneExchange();
        backend.stick();
        proxy.send("PUT / HTTP/1.1|Host: h|Content-Length: 4||body");

        proxy.passSeconds(15);
        backend.unstick();
        proxy.passSeconds(15);
        proxy.answer(backend, "HTTP/1.1 201 Created|Content-Length: 0||");

        assertThat(proxy.got()).contains("HTTP/1.1 201 Created|");
    }

    @Test
    void countsTheBackendsSilenceFromItsConnection() {
        proxy.send(GET);
        proxy.passSeconds(19);
        InMemoryChannel backend = proxy.accept();

        proxy.passSeconds(19);
        proxy.answer(backend, "HTTP/1.1 200 OK|Content-Length: 0||");

        assertThat(proxy.got()).startsWith("HTTP/1.1 200 OK|");
    }

    @Test
    void cutsOffAClientThatFetchesNothing() {
        proxy.send("GET / HTTP/1.1|Host: h|Connection: close||");
        InMemoryChannel backend = proxy.accept();
        proxy.client().stick();
        proxy.answer(backend, "HTTP/1.1 200 OK|Content-Length: 4||body");

        proxy.passSeconds(19);
        assertThat(proxy.client().isOpen()).as("it may just be slow").isTrue();
        proxy.passSeconds(6);

        assertThat(proxy.client().isOpen()).isFalse();
    }

    @Test
    void answersForABackendThatIsSilent() {
        proxy.send(GET);
        InMemoryChannel backend = proxy.accept();

        proxy.passSeconds(20);

        assertThat(proxy.got()).startsWith("HTTP/1.1 504 ").endsWith("||Backend timed out");
        assertThat(backend.isOpen()).isFalse();
        assertThat(proxy.driver.deaths).hasSize(1);
        assertThat(proxy.logged()).containsExactly(504);
    }

    @Test
    void leavesItToThePoolToGiveUpOnAConnection() {
        proxy.send(GET);

        proxy.passSeconds(20);

        assertThat(proxy.got()).isEmpty();
        assertThat(proxy.client().isOpen()).isTrue();
    }

    @Test
    void leavesItToTheStoreToGiveUpOnALookUp() {
        proxy.driver.hold();
        proxy.send(GET);

        proxy.passSeconds(20);

        assertThat(proxy.got()).isEmpty();
        assertThat(proxy.client().isOpen()).isTrue();
    }

    @Test
    void cutsOffAResponseThatStalls() {
        proxy.send(GET);
        InMemoryChannel backend = proxy.accept();
        backend.receive(Heads.lines("HTTP/1.1 200 OK|Transfer-Encoding: chunked||4|body|"));

        proxy.passSeconds(20);

        assertThat(proxy.got()).endsWith("||4|body|");
        assertThat(proxy.client().isOutputShutdown()).isTrue();
        assertThat(backend.isOpen()).isFalse();
        assertThat(proxy.driver.deaths).isEmpty();
        assertThat(proxy.logged()).containsExactly(200);
    }

    @Test
    void cutsOffAClientWhoseBodyStalls() {
        proxy.send("PUT / HTTP/1.1|Host: h|Content-Length: 9||half");
        InMemoryChannel backend = proxy.accept();

        proxy.passSeconds(20);

        assertThat(proxy.client().isOpen()).isFalse();
        assertThat(backend.isOpen()).isFalse();
        assertThat(proxy.driver.deaths).isEmpty();
        assertThat(proxy.logged()).containsExactly(499);
    }

    @Test
    void blamesNobodyWhereTheClientStillWaitsForIts100() {
        proxy.send("PUT / HTTP/1.1|Host: h|Content-Length: 9|Expect: 100-continue||");
        proxy.accept();

        proxy.passSeconds(20);

        assertThat(proxy.got()).startsWith("HTTP/1.1 504 ");
        assertThat(proxy.driver.deaths).isEmpty();
    }

    @Test
    void holdsABackendToAccountThatTakesNoMoreOfALongBody() {
        InMemoryChannel backend = proxy.afterOneExchange();
        backend.stick();
        proxy.send("PUT / HTTP/1.1|Host: h|Content-Length: 1000000||" + InMemoryProxy.LONG);

        // the bytes that began to wait were movement
        proxy.passSeconds(25);

        assertThat(proxy.got()).startsWith("HTTP/1.1 504 ");
        assertThat(proxy.driver.deaths).hasSize(1);
    }

    @Test
    void holdsTheClientToAccountOnceItHasItsOneHundred() {
        proxy.send("PUT / HTTP/1.1|Host: h|Content-Length: 9|Expect: 100-continue||");
        InMemoryChannel backend = proxy.accept();
        backend.receive(Heads.lines("HTTP/1.1 100 Continue||"));

        proxy.passSeconds(20);

        assertThat(proxy.client().isOpen()).isFalse();
        assertThat(proxy.driver.deaths).isEmpty();
    }
}
