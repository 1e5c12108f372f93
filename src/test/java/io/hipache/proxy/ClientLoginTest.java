package io.hipache.proxy;

import static io.hipache.proxy.InMemoryProxy.ASK;
import static io.hipache.proxy.InMemoryProxy.GET;
import static io.hipache.proxy.InMemoryProxy.GRANT;
import static io.hipache.proxy.InMemoryProxy.OK;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.net.DrainRequested;
import io.hipache.upstream.InMemoryChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The connection to a backend on which a client is logged in: when it is used again, and when it ends. */
class ClientLoginTest {
    private static final String CHALLENGE = "HTTP/1.1 401 Unauthorized|WWW-Authenticate: NTLM|Content-Length: 2||no";

    private final InMemoryProxy proxy;

    ClientLoginTest(@TempDir Path noPages) {
        proxy = new InMemoryProxy(noPages);
    }

    @AfterEach
    void leavesNothingBehind() {
        proxy.endWithoutALeak();
    }

    @Test
    void servesTheNextRequestOfItsClient() {
        InMemoryChannel backend = loggedIn();

        proxy.send("GET /second HTTP/1.1|Host: h||GET /third HTTP/1.1|Host: h||");
        assertThat(backend.sent()).startsWith("GET /second ");
        proxy.answer(backend, OK);
        assertThat(backend.sent()).startsWith("GET /third ");
        proxy.answer(backend, OK);

        assertThat(proxy.got()).isEqualTo(OK + OK);
        assertThat(proxy.backends().connecting()).isZero();
    }

    @Test
    void endsWithItsClient() {
        InMemoryChannel backend = loggedIn();

        proxy.close(proxy.client());

        assertThat(backend.isOpen()).isFalse();
    }

    @Test
    void staysWithNobodyWhoseConnectionIsAboutToEnd() {
        proxy.client().pipeline().fireUserEventTriggered(DrainRequested.INSTANCE);
        proxy.send(GET);
        InMemoryChannel backend = proxy.accept();
        proxy.answer(backend, CHALLENGE);

        assertThat(backend.isOpen()).isFalse();
    }

    @Test
    void theClientGetsAnotherWhereTheBackendHasEndedIt() {
        InMemoryChannel backend = loggedIn();
        proxy.close(backend);

        proxy.send(GET);
        proxy.answer(proxy.accept(), OK);

        assertThat(proxy.got()).isEqualTo(OK);
    }

    @Test
    void endsWhenTheBackendSendsSomethingOfItself() {
        InMemoryChannel backend = loggedIn();
        proxy.answer(backend, OK);
        assertThat(backend.isOpen()).isFalse();

        proxy.send(GET);
        proxy.answer(proxy.accept(), OK);

        assertThat(proxy.got()).isEqualTo(OK);
    }

    @Test
    void isOneAtATime() {
        InMemoryChannel first = loggedIn();
        proxy.driver.frontend("other", "site", "http://c:82");
        proxy.send("GET / HTTP/1.1|Host: other||");
        InMemoryChannel second = proxy.accept();
        proxy.answer(second, CHALLENGE);

        assertThat(first.isOpen()).isFalse();
        proxy.send("GET /again HTTP/1.1|Host: other||");
        assertThat(second.sent()).contains("GET /again ");
        proxy.answer(second, OK);
    }

    @Test
    void followsTheStoreFirst() {
        InMemoryChannel backend = loggedIn();
        proxy.driver.frontend("h", "site", "http://c:82");

        proxy.send(GET);
        proxy.answer(proxy.accept(), OK);

        assertThat(backend.sent()).isEmpty();
    }

    @Test
    void becomesATunnelAsAnyOther() {
        InMemoryChannel backend = loggedIn();
        proxy.got();

        proxy.send(ASK);
        assertThat(backend.sent()).startsWith("GET /chat ");
        proxy.answer(backend, GRANT);
        proxy.send("hello");

        assertThat(proxy.got()).isEqualTo(GRANT);
        assertThat(backend.sent()).isEqualTo("hello");
    }

    /** A backend with a connection that is the client's alone, and that rests. */
    private InMemoryChannel loggedIn() {
        proxy.send(GET);
        InMemoryChannel backend = proxy.accept();
        proxy.answer(backend, CHALLENGE);
        backend.sent();
        assertThat(proxy.got()).isEqualTo(CHALLENGE);
        assertThat(backend.isOpen()).isTrue();
        return backend;
    }
}
