package io.hipache.proxy.exchange;

import static io.hipache.proxy.InMemoryProxy.GET;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.proxy.Heads;
import io.hipache.proxy.InMemoryProxy;
import io.hipache.routing.Driver.Marking;
import io.hipache.testing.RecordedLog;
import io.hipache.upstream.InMemoryChannel;
import io.hipache.upstream.UpstreamFailure;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The lines that fleets look for in the log (Hipache lib/worker.js). */
class FailureReportTest {
    private static final String OK = "HTTP/1.1 200 OK|Content-Length: 0||";

    private final RecordedLog log = RecordedLog.of(FailureReport.class);
    private final InMemoryProxy proxy;

    FailureReportTest(@TempDir Path noPages) {
        proxy = new InMemoryProxy(noPages);
    }

    @AfterEach
    void stopListening() {
        log.close();
        proxy.endWithoutALeak();
    }

    @Test
    void hasOneLineForEachDeath() {
        proxy.driver.frontend("h", "site", "http://b:81", "http://b:82");
        proxy.send("GET /p?q=1 HTTP/1.1|Host: H:8080||");

        proxy.backends().refuse();
        proxy.backends().refuse();

        assertThat(log.lines())
                .containsExactlyInAnyOrder(
                        "h: backend #0 is dead (http://b:81/: ECONNREFUSED) while handling request for /p?q=1",
                        "h: backend #1 is dead (http://b:82/: ECONNREFUSED) while handling request for /p?q=1");
    }

    @Test
    void doesNotCallTheOnlyBackendDead() {
        proxy.send(GET);

        proxy.backends().refuse();

        assertThat(log.lines())
                .containsExactly(
                        "h: backend #0 failed (http://b:81/: ECONNREFUSED) while handling request for /; not marked,"
                                + " because the frontend has no other backend");
    }

    @Test
    void countsTheRequestsThatFoundAFullBackendWithoutALine() {
        for (int second = 0; second < 3; second++) {
            for (int request = 0; request <= second; request++) {
                proxy.send(GET);
                proxy.backends().fail(new UpstreamFailure.NoFreeSocket("no socket"));
            }
            proxy.passSeconds(1);
        }

        assertThat(log.lines())
                .containsExactly(
                        "h: backend #0 is full (http://b:81/): no socket",
                        "h: backend #0 is full (http://b:81/): no socket",
                        "h: backend #0 is full (http://b:81/): no socket; 1 more request has got this answer since the last"
                                + " such line");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CAPPED | not marked, because softDeathCap allows no more dead backends",
                "UNCOUNTED | not marked, because the Redis for marks cannot count the backends for softDeathCap: it has no such list, or refuses scripts",
                "MOVED | not marked, because the list of the frontend has changed",
                "ONLY_BACKEND | not marked, because the frontend has no other backend",
                "FAILED | not marked, because Redis could not do that",
                "DEAD_ALREADY | the backend is dead already",
                "ANNOUNCED | announced to the active checker, which marks it or does not"
            })
    void saysWhatTheStoreHasDecided(Marking marking, String consequence) {
        proxy.driver.frontend("h", "site", "http://b:81", "http://b:81");
        proxy.driver.refuseMarks(marking);
        proxy.send("POST / HTTP/1.1|Host: h|Content-Length: 0||");

        proxy.close(proxy.accept());

        assertThat(log.lines())
                .singleElement()
                .asString()
                .matches("h: backend #[01] failed \\(http://b:81/: connection closed\\) while handling request for /; "
                        + consequence);
    }

    @Test
    void hasOneLineAMinuteForABackendThatFailsInTheSameWay() {
        for (int i = 0; i < 500; i++) {
            proxy.send(GET);
            for (int attempt = 0; attempt < 4; attempt++) {
                proxy.backends().refuse();
            }
        }
        assertThat(log.lines()).hasSize(1);

        proxy.passSeconds(61);
        InMemoryChannel another = proxy.anotherClient();
        another.receive(Heads.lines(GET));
        for (int attempt = 0; attempt < 4; attempt++) {
            proxy.backends().refuse();
        }

        assertThat(log.lines()).hasSize(2).last().asString().endsWith(" (1999 more failures were not logged)");
        proxy.close(another);
    }

    @Test
    void saysThatABackendAnswersAgainOnceItIsCalm() {
        proxy.send(GET);
        for (int attempt = 0; attempt < 4; attempt++) {
            proxy.backends().refuse();
        }
        proxy.send(GET);
        InMemoryChannel backend = proxy.accept();
        proxy.answer(backend, OK);
        assertThat(log.lines()).hasSize(1);

        proxy.passSeconds(10);
        proxy.send(GET);
        proxy.answer(backend, OK);

        assertThat(log.lines())
                .hasSize(2)
                .last()
                .isEqualTo("h: backend #0 answers again (http://b:81/), 4 failures and 10 s after it began to fail");
    }

    @Test
    void tellsAnAnswerThatMeansDeath() {
        proxy.driver.frontend("h", "site", "http://b:81", "http://b:81");
        proxy.send(GET);

        proxy.answer(proxy.accept(), "HTTP/1.1 502 Bad Gateway|Content-Length: 0||");

        assertThat(log.lines())
                .singleElement()
                .asString()
                .matches(
                        "h: backend #[01] is dead \\(http://b:81/: HTTP error code 502\\) while handling request for /");
    }

    @Test
    void tellsOtherFaultsInOtherWords() {
        proxy.send(GET);

        proxy.answer(proxy.accept(), "garbage||");

        assertThat(log.lines())
                .containsExactly(
                        "h: backend #0 reported an error (http://b:81/: not an HTTP response) while handling request for /");
    }
}
