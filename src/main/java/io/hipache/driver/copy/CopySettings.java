package io.hipache.driver.copy;

import java.time.Duration;

/**
 * What a worker may answer from its copy of the store.
 *
 * @param tracking whether the copy answers while Redis tells each change
 * @param staleIfDown for how long the copy answers while Redis is away; zero for not at all
 * @param settle for how long a frontend keeps its last backends when they vanish; zero for not at all
 * @param maxBytes about the memory that the copy may take
 */
public record CopySettings(boolean tracking, Duration staleIfDown, Duration settle, long maxBytes) {

    /** No copy: every request asks Redis. */
    public static final CopySettings OFF = new CopySettings(false, Duration.ZERO, Duration.ZERO, 0);

    /** The part of the memory for certificates. */
    long certificateBytes() {
        return maxBytes / 4;
    }

    /** The part of the memory for frontends and dead sets. */
    long frontendBytes() {
        return maxBytes - certificateBytes();
    }

    /** Whether there is anything for which a copy is kept. */
    public boolean isOn() {
        return tracking || !staleIfDown.isZero() || !settle.isZero();
    }
}
