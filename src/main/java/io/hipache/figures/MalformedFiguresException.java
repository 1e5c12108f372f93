package io.hipache.figures;

import java.io.IOException;

/** The bytes are no {@link Figures}. */
public final class MalformedFiguresException extends IOException {
    private static final long serialVersionUID = 1L;

    MalformedFiguresException(String message) {
        super(message);
    }
}
