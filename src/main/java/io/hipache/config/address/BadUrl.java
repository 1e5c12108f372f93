package io.hipache.config.address;

/** What is wrong with a driver URL, in words that never show a password. */
public final class BadUrl extends Exception {
    private static final long serialVersionUID = 1L;

    BadUrl(String message) {
        super(message, null, false, false);
    }
}
