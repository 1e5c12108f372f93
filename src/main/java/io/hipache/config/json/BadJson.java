package io.hipache.config.json;

/** A text that is not one JSON object; the message says where and why. */
public final class BadJson extends Exception {
    private static final long serialVersionUID = 1L;

    BadJson(String message) {
        super(message, null, false, false);
    }
}
