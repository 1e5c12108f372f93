package io.hipache.link;

import java.io.IOException;

/** The other process sent something that is no message. */
public final class LinkException extends IOException {
    private static final long serialVersionUID = 1L;

    LinkException(String message) {
        super(message);
    }
}
