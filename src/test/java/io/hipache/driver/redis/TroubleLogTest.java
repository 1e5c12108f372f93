package io.hipache.driver.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.RecordedLog;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class TroubleLogTest {

    private final RecordedLog log = RecordedLog.of(TroubleLogTest.class);

    @AfterEach
    void stopListening() {
        log.close();
    }

    @Test
    void saysOnceThatItGoesWrongAndOnceThatItGoesWell() {
        TroubleLog troubles = calmFor(Duration.ZERO);

        for (int i = 0; i < 3; i++) {
            troubles.report("Redis", "LOADING " + i);
        }
        for (int i = 0; i < 3; i++) {
            troubles.recovered("well again");
        }
        troubles.report("Redis", "LOADING again");

        assertThat(log.lines()).containsExactly("Redis: LOADING 0", "well again", "Redis: LOADING again");
    }

    @Test
    void saysNothingWhileAllIsWell() {
        calmFor(Duration.ZERO).recovered("well again");

        assertThat(log.lines()).isEmpty();
    }

    @Test
    void takesTroubleThatComesAndGoesForOne() {
        TroubleLog troubles = calmFor(Duration.ofHours(1));

        for (int i = 0; i < 100; i++) {
            troubles.report("Redis", "NOPERM " + i);
            troubles.recovered("well again");
        }

        assertThat(log.lines()).containsExactly("Redis: NOPERM 0");
    }

    @Test
    void tellsKindsOfTroubleApartButNotWithoutEnd() {
        TroubleLog troubles = calmFor(Duration.ZERO);

        for (int i = 0; i < 100; i++) {
            troubles.report("Redis", "E" + i + " text");
        }

        assertThat(log.lines()).hasSize(8).startsWith("Redis: E0 text", "Redis: E1 text");
    }

    @Test
    void saysOnceWhatConcernsOneSubject() {
        TroubleLog troubles = silentFor(Duration.ofHours(1));

        troubles.reportSubject("a", "first");
        troubles.reportSubject("a", "second");
        troubles.reportSubject("b", "third");

        assertThat(log.lines()).containsExactly("first", "third");
    }

    @Test
    void saysItAgainAfterItsSilence() {
        TroubleLog troubles = silentFor(Duration.ZERO);

        troubles.reportSubject("a", "first");
        troubles.reportSubject("a", "second");

        assertThat(log.lines()).hasSize(2);
    }

    @Test
    void remembersABoundedNumberOfSubjects() {
        TroubleLog troubles = silentFor(Duration.ofHours(1));

        for (int i = 0; i <= 1_000; i++) {
            troubles.reportSubject("subject " + i, "line");
        }
        troubles.reportSubject("subject 1000", "known");
        troubles.reportSubject("subject 0", "forgotten");

        assertThat(log.lines()).hasSize(1_002);
    }

    @Test
    void logsAFewLinesAtATimeHoweverManySubjectsThereAre() {
        TroubleLog troubles = calmFor(Duration.ZERO);

        for (int i = 0; i < 1_000; i++) {
            troubles.reportSubject("subject " + i, "line");
        }

        assertThat(log.lines()).hasSizeBetween(10, 15);
    }

    private static TroubleLog calmFor(Duration calm) {
        return new TroubleLog(LoggerFactory.getLogger(TroubleLogTest.class), calm);
    }

    private static TroubleLog silentFor(Duration silence) {
        return new TroubleLog(LoggerFactory.getLogger(TroubleLogTest.class), Duration.ZERO, silence, 10_000);
    }
}
