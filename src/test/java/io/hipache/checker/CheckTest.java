package io.hipache.checker;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.checker.Check.State;
import io.hipache.outcome.EndReason;
import io.hipache.probe.Question;
import io.hipache.probe.Target;
import io.hipache.probe.Verdict;
import io.hipache.routing.Backend;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckTest {

    /** G: a good answer, B: a bad one, -: this machine could not ask. */
    @ParameterizedTest
    @CsvSource({
        "B, 1, 1, DEAD",
        "G, 1, 1, ALIVE",
        "-, 1, 1, UNKNOWN",
        "BB, 1, 3, UNKNOWN",
        "BBGBB, 9, 3, UNKNOWN",
        "BBGBBB, 9, 3, DEAD",
        "BB-B, 1, 3, DEAD",
        "BBBGG, 3, 3, DEAD",
        "BBBGGBGG, 3, 3, DEAD",
        "BBBGGG, 3, 3, ALIVE",
        "GB, 1, 2, ALIVE",
        "GBB, 1, 2, DEAD",
        "BG-B, 1, 1, DEAD"
    })
    void soManyEqualAnswersInARowChangeTheState(String answers, int rise, int fall, State state) {
        Check check = new Check(new Target(new Backend(false, "a", 80), Question.usual("/")), "http://a");

        for (String answer : answers.split("", 0)) {
            assertThat(check.beginsToAsk()).isTrue();
            assertThat(check.beginsToAsk()).isFalse();
            Verdict verdict =
                    switch (answer) {
                        case "G" -> Verdict.good(200);
                        case "B" -> Verdict.bad(EndReason.CONNECT_REFUSED, "x");
                        default -> Verdict.notAsked(EndReason.NO_SOCKET_LEFT, "y");
                    };
            check.answered(verdict, rise, fall);
        }

        assertThat(check.state()).isEqualTo(state);
    }
}
