package io.hipache.checker;

import org.jspecify.annotations.Nullable;

/**
 * How one probe ended.
 *
 * @param known whether the probe says anything about the backend, and not only that this machine could not ask
 * @param fault what is wrong, null for a good answer
 */
record Verdict(boolean known, @Nullable String fault) {

    static final Verdict GOOD = new Verdict(true, null);

    static Verdict bad(String fault) {
        return new Verdict(true, fault);
    }

    static Verdict notAsked(String why) {
        return new Verdict(false, why);
    }
}
