package io.hipache.proxy;

/**
 * What follows from a failed attempt.
 *
 * @param markDead whether the backend is to be marked dead, where its frontend has others
 * @param status of the page when there is no other attempt
 * @param message of that page
 */
record Verdict(boolean markDead, Retry retry, int status, String message) {

    /** Whether there is another attempt. */
    enum Retry {
        NO,
        /** Starting at the look-up again. */
        AGAIN,
        /** Starting at the look-up again, on a connection that has not served before. */
        ON_FRESH_CONNECTION
    }
}
