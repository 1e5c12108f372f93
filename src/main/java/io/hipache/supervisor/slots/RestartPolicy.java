package io.hipache.supervisor.slots;

import java.time.Duration;

/**
 * Decides when a dead worker is replaced: at once, unless its slot keeps losing workers soon after their start. A worker
 * that is killed after it has served for a while is replaced at once, however often that happens. An empty slot leaves its
 * work to the other workers, and an overload would then kill these as well.
 *
 * @param longLife a worker that has served for so long does not count as short-lived
 * @param firstDelay the delay before the third of several short-lived workers in a row; it doubles with each further one
 * @param longestDelay the upper limit of the delay
 */
public record RestartPolicy(Duration longLife, Duration firstDelay, Duration longestDelay) {
    public static final RestartPolicy DEFAULT =
            new RestartPolicy(Duration.ofSeconds(1), Duration.ofMillis(100), Duration.ofSeconds(10));

    /** Nobody waits for a replacement that was not let in, and each attempt costs the start of a JVM. */
    private static final Duration FIRST_ATTEMPT = Duration.ofSeconds(1);

    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

    /** The number of short-lived workers of a slot in a row, after one more that served for {@code life}. */
    int shortLives(int before, Duration life) {
        return life.compareTo(longLife) >= 0 ? 0 : before + 1;
    }

    /** The delay before the next worker of a slot. */
    Duration delay(int shortLives) {
        Duration delay = Duration.ZERO;
        for (int i = 1; i < shortLives && delay.compareTo(longestDelay) < 0; i++) {
            delay = i == 1 ? firstDelay : delay.multipliedBy(2);
        }
        return delay.compareTo(longestDelay) < 0 ? delay : longestDelay;
    }

    /** The delay before the next attempt to replace a living worker, after so many in a row that were not let in. */
    Duration delayAfterRefusals(int refusals) {
        Duration delay = FIRST_ATTEMPT;
        for (int i = 1; i < refusals && delay.compareTo(LONGEST_WAIT) < 0; i++) {
            delay = delay.multipliedBy(2);
        }
        return delay.compareTo(LONGEST_WAIT) < 0 ? delay : LONGEST_WAIT;
    }
}
