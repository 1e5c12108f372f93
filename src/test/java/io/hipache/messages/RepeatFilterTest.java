package io.hipache.messages;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RepeatFilterTest {
    private final LoggerContext context = new LoggerContext();
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final Logger log = context.getLogger("io.hipache.any");
    private long now;

    RepeatFilterTest() {
        RepeatFilter filter = new RepeatFilter(() -> now);
        filter.start();
        context.addTurboFilter(filter);
        lines.start();
        context.getLogger("ROOT").addAppender(lines);
        context.getLogger("ROOT").setLevel(Level.INFO);
    }

    @Test
    void letsAFewLinesOfAKindPassAndThenOneASecond() {
        for (int second = 0; second < 10; second++) {
            for (int i = 0; i < 1_000; i++) {
                log.info("backend {} is slow", i);
            }
            pass(Duration.ofSeconds(1));
        }

        assertThat(texts().stream().filter(line -> line.startsWith("backend"))).hasSize(RepeatFilter.BURST + 9);
    }

    @Test
    void tellsHowManyItLeftOutOnceTheFloodIsOver() {
        for (int i = 0; i < 1_000; i++) {
            log.info("backend {} is slow", i);
        }
        pass(Duration.ofSeconds(2));

        log.info("something else");

        assertThat(texts())
                .hasSize(RepeatFilter.BURST + 2)
                .endsWith(
                        "left out " + (1_000 - RepeatFilter.BURST) + " more lines like this one: backend "
                                + RepeatFilter.BURST + " is slow",
                        "something else");
    }

    @Test
    void tellsItAtTheLevelOfTheLinesThatItLeftOut() {
        for (int i = 0; i < 1_000; i++) {
            log.info("backend {} is slow", i);
            log.error("backend {} is broken", i);
        }
        pass(Duration.ofSeconds(2));

        log.warn("something else");

        assertThat(lines.list.stream()
                        .filter(line -> line.getFormattedMessage().startsWith("left out"))
                        .map(line -> line.getLevel() + " " + line.getFormattedMessage()))
                .containsExactlyInAnyOrder(
                        "INFO left out 995 more lines like this one: backend 5 is slow",
                        "ERROR left out 995 more lines like this one: backend 5 is broken");
    }

    @Test
    void tellsItOnceAMinuteWhileTheFloodLasts() {
        for (int half = 0; half < 2 * 125; half++) {
            for (int i = 0; i < 10; i++) {
                log.info("backend {} is slow", i);
            }
            pass(Duration.ofMillis(500));
        }

        assertThat(texts().stream().filter(line -> line.startsWith("left out"))).hasSize(2);
    }

    @Test
    void countsLinesWithoutValuesByTheirLoggerBecauseAStrangerMayHaveWrittenThem() {
        for (int i = 0; i < 1_000; i++) {
            log.warn("host" + i + ".example has rows of the wrong type");
        }

        assertThat(texts()).hasSize(RepeatFilter.BURST);
    }

    @Test
    void neverLeavesOutWhatOperatorsRelyOn() {
        for (int i = 0; i < 1_000; i++) {
            log.info(RepeatFilter.ALWAYS, "backend {} is dead", i);
        }

        assertThat(texts()).hasSize(1_000);
    }

    @Test
    void keepsDifferentKindsApartAndRemembersABoundedNumber() {
        for (int i = 0; i < 10_000; i++) {
            log.info("kind " + i + " of {}", "line");
        }

        assertThat(texts()).hasSize(RepeatFilter.MOST_KINDS + RepeatFilter.BURST);
    }

    @Test
    void costsNoLineOfALevelThatIsOff() {
        for (int i = 0; i < 1_000; i++) {
            log.debug("backend {} is slow", i);
        }
        log.info("backend {} is slow", 1);

        assertThat(texts()).containsExactly("backend 1 is slow");
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    private List<String> texts() {
        return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
}
