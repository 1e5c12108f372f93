package io.hipache.supervisor.slots;

import java.time.Duration;

/**
 * When a dead worker is replaced: at once, unless its slot keeps losing them at their start. Who is killed in service is
 * replaced at once however often that happens: a slot that is held back leaves its work to the others, which die as well.
 *
 * @param longLife a worker that served for so long says nothing about the next one
 * @param firstDelay before the third of several short-lived workers in a row; doubles from there
 * @param longestDelay where the doubling ends
 */
public record RestartPolicy(Duration longLife, Duration firstDelay, Duration longestDelay) {
    public static final RestartPolicy DEFAULT =
            new RestartPolicy(Duration.ofSeconds(1), Duration.ofMillis(100), Duration.ofSeconds(10));

    /** The short-lived workers of a slot in a row, after one that served for {@code life}. */
    int shortLives(int before, Duration life) {
        return life.compareTo(longLife) >= 0 ? 0 : before + 1;
    }

    /** How long to wait with the next worker of a slot. */
    Duration delay(int shortLives) {
        Duration delay = Duration.ZERO;
        for (int i = 1; i < shortLives && delay.compareTo(longestDelay) < 0; i++) {
            delay = i == 1 ? firstDelay : delay.multipliedBy(2);
        }
        return delay.compareTo(longestDelay) < 0 ? delay : longestDelay;
    }
}
