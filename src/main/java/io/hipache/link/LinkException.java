package io.hipache.link;

import java.io.IOException;

/** The other process has sent bytes that are not a valid message. */
public final class LinkException extends IOException {
    private static final long serialVersionUID = 1L;

    LinkException(String message) {
        super(message);
    }
}
