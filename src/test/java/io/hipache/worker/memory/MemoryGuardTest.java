package io.hipache.worker.memory;

import static io.hipache.worker.memory.MemoryGuard.Verdict.COLLECT;
import static io.hipache.worker.memory.MemoryGuard.Verdict.REPLACE;
import static io.hipache.worker.memory.MemoryGuard.Verdict.REPLACING;
import static io.hipache.worker.memory.MemoryGuard.Verdict.TOO_YOUNG;
import static io.hipache.worker.memory.MemoryGuard.Verdict.WELL;
import static io.hipache.worker.memory.MemoryGuard.Verdict.WELL_AGAIN;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class MemoryGuardTest {
    private static final long LIMIT = 256L << 20;
    private static final long BELOW = LIMIT;
    private static final long OVER = LIMIT + 1;

    /** A clock such as {@link System#nanoTime} may show any value; this one overflows during the test. */
    private static final long BEGIN = Long.MAX_VALUE - Duration.ofSeconds(30).toNanos();

    private final MemoryGuard guard = new MemoryGuard(LIMIT, BELOW, BEGIN, 0);

    @Test
    void leavesAWorkerAloneUpToItsLimit() {
        assertThat(after(1, BELOW)).isEqualTo(WELL);
        assertThat(after(100_000, BELOW)).isEqualTo(WELL);
    }

    @Test
    void collectsGarbageOnceAndAsksForAReplacementWhenThatDoesNotHelp() {
        after(1, BELOW);

        assertThat(after(100, OVER)).isEqualTo(COLLECT);
        assertThat(after(101, OVER)).isEqualTo(REPLACE);
    }

    @Test
    void isContentWhenCollectingHelps() {
        after(1, BELOW);
        after(100, OVER);

        assertThat(after(101, BELOW)).isEqualTo(WELL_AGAIN);
        assertThat(after(102, BELOW)).isEqualTo(WELL);
    }

    @Test
    void doesNotCollectAgainWithinAMinute() {
        after(1, BELOW);
        after(100, OVER);
        after(101, BELOW);

        assertThat(after(159, OVER)).isEqualTo(REPLACE);
    }

    @Test
    void collectsAgainAfterAMinute() {
        after(1, BELOW);
        after(100, OVER);
        after(101, BELOW);

        assertThat(after(160, OVER)).isEqualTo(COLLECT);
    }

    @Test
    void asksOnce() {
        after(1, BELOW);
        after(100, OVER);
        after(101, OVER);

        assertThat(after(102, OVER)).isEqualTo(REPLACING);
        assertThat(after(10_000, BELOW)).isEqualTo(REPLACING);
    }

    @Test
    void letsAWorkerServeForTenSecondsFirst() {
        after(1, BELOW);

        assertThat(after(9, OVER)).isEqualTo(TOO_YOUNG);
        assertThat(after(10, OVER)).isEqualTo(COLLECT);
    }

    @Test
    void letsAWorkerWhoseLimitIsTooLowServeForAMinuteFirst() {
        MemoryGuard tight = new MemoryGuard(LIMIT, OVER, BEGIN, 0);

        assertThat(after(tight, 1, OVER)).isEqualTo(TOO_YOUNG);
        assertThat(tight.overFromTheStart()).isTrue();
        assertThat(after(tight, 59, OVER)).isEqualTo(TOO_YOUNG);
        assertThat(after(tight, 60, OVER)).isEqualTo(COLLECT);
        assertThat(after(tight, 61, OVER)).isEqualTo(REPLACE);
    }

    @Test
    void doesNotCountTheGarbageOfTheStart() {
        MemoryGuard loose = new MemoryGuard(LIMIT, OVER, BEGIN, 0);

        assertThat(after(loose, 1, BELOW)).isEqualTo(WELL);
        assertThat(after(loose, 10, OVER)).isEqualTo(COLLECT);
    }

    @Test
    void doesNotHaveAllWorkersOfAMachineLeaveAtOnce() {
        MemoryGuard patient = new MemoryGuard(LIMIT, OVER, BEGIN, 0.5);
        after(patient, 1, OVER);

        assertThat(after(patient, 89, OVER)).isEqualTo(TOO_YOUNG);
        assertThat(after(patient, 90, OVER)).isEqualTo(COLLECT);
    }

    private MemoryGuard.Verdict after(long seconds, long resident) {
        return after(guard, seconds, resident);
    }

    private static MemoryGuard.Verdict after(MemoryGuard asked, long seconds, long resident) {
        return asked.check(resident, BEGIN + Duration.ofSeconds(seconds).toNanos());
    }
}
