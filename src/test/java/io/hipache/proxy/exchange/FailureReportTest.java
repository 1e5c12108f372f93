package io.hipache.proxy.exchange;

import static io.hipache.proxy.InMemoryProxy.GET;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.proxy.InMemoryProxy;
import io.hipache.testing.RecordedLog;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lines that fleets look for in the log (Hipache lib/worker.js). */
class FailureReportTest {
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
    void hasOneLineForEachDeathAlsoOfTheOnlyBackend() {
        proxy.send("GET /p?q=1 HTTP/1.1|Host: H:8080||");

        for (int i = 0; i < 4; i++) {
            proxy.backends().refuse();
        }

        assertThat(log.lines())
                .hasSize(4)
                .containsOnly("h: backend #0 is dead (ECONNREFUSED) while handling request for /p?q=1");
    }

    @Test
    void tellsAnAnswerThatMeansDeath() {
        proxy.send(GET);

        proxy.answer(proxy.accept(), "HTTP/1.1 502 Bad Gateway|Content-Length: 0||");

        assertThat(log.lines())
                .containsExactly("h: backend #0 is dead (HTTP error code 502) while handling request for /");
    }

    @Test
    void tellsOtherFaultsInOtherWords() {
        proxy.send(GET);

        proxy.answer(proxy.accept(), "garbage||");

        assertThat(log.lines())
                .containsExactly("h: backend #0 reported an error (not an HTTP response) while handling request for /");
    }
}
