package io.hipache.snapshot;

import java.io.IOException;

/** The bytes are no {@link Entry}. */
public final class MalformedEntryException extends IOException {
    private static final long serialVersionUID = 1L;

    MalformedEntryException(String message) {
        super(message);
    }
}
