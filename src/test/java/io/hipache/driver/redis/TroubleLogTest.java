package io.hipache.driver.redis;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class TroubleLogTest {

    private final Logger logger = (Logger) LoggerFactory.getLogger(TroubleLogTest.class);
    private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

    @BeforeEach
    void listen() {
        appender.start();
        logger.addAppender(appender);
        logger.setAdditive(false);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(appender);
    }

    @Test
    void saysOnceWhatConcernsOneSubject() {
        TroubleLog troubles = new TroubleLog(logger, Duration.ofHours(1));

        troubles.log("a", "first");
        troubles.log("a", "second");
        troubles.log("b", "third");

        assertThat(appender.list).extracting(ILoggingEvent::getFormattedMessage).containsExactly("first", "third");
    }

    @Test
    void saysItAgainAfterItsSilence() {
        TroubleLog troubles = new TroubleLog(logger, Duration.ZERO);

        troubles.log("a", "first");
        troubles.log("a", "second");

        assertThat(appender.list).hasSize(2);
    }

    @Test
    void remembersABoundedNumberOfSubjects() {
        TroubleLog troubles = new TroubleLog(logger, Duration.ofHours(1));

        for (int i = 0; i <= 1_000; i++) {
            troubles.log("subject " + i, "line");
        }
        troubles.log("subject 1000", "known");
        troubles.log("subject 0", "forgotten");

        assertThat(appender.list).hasSize(1_002);
    }
}
