package io.hipache.config.address;

/** What is wrong with a URL of the store or the address of a log daemon, in words that never show a password. */
public final class BadUrl extends Exception {
    private static final long serialVersionUID = 1L;

    BadUrl(String message) {
        super(message, null, false, false);
    }
}
