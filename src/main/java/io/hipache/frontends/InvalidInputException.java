package io.hipache.frontends;

/** Somebody asked for what cannot be. The message says why, in one line. */
public final class InvalidInputException extends Exception {

    private static final long serialVersionUID = 1L;

    public InvalidInputException(String message) {
        super(message, null, false, false);
    }
}
