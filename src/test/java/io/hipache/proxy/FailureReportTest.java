package io.hipache.proxy;

import static io.hipache.proxy.InMemoryProxy.GET;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The lines that fleets look for in the log (Hipache lib/worker.js). */
class FailureReportTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger(FailureReport.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final InMemoryProxy proxy;

    FailureReportTest(@TempDir Path noPages) {
        proxy = new InMemoryProxy(noPages);
    }

    @BeforeEach
    void listen() {
        lines.start();
        logger.addAppender(lines);
        logger.setAdditive(false);
        logger.setLevel(Level.INFO);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(lines);
        logger.setAdditive(true);
        logger.setLevel(null);
        proxy.endWithoutALeak();
    }

    @Test
    void hasOneLineForEachDeathAlsoOfTheOnlyBackend() {
        proxy.send("GET /p?q=1 HTTP/1.1|Host: H:8080||");

        for (int i = 0; i < 4; i++) {
            proxy.backends().refuse();
        }

        assertThat(lines.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .hasSize(4)
                .containsOnly("h: backend #0 is dead (ECONNREFUSED) while handling request for /p?q=1");
    }

    @Test
    void tellsAnAnswerThatMeansDeath() {
        proxy.send(GET);

        proxy.answer(proxy.accept(), "HTTP/1.1 502 Bad Gateway|Content-Length: 0||");

        assertThat(lines.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly("h: backend #0 is dead (HTTP error code 502) while handling request for /");
    }

    @Test
    void tellsOtherFaultsInOtherWords() {
        proxy.send(GET);

        proxy.answer(proxy.accept(), "garbage||");

        assertThat(lines.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly("h: backend #0 reported an error (not an HTTP response) while handling request for /");
    }
}
