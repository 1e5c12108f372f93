package io.hipache.driver.redis;

import java.io.IOException;

/** A reply holds a string that is too long even to be dropped, so the connection ends. Sent again, it would end the next one. */
public final class OversizedReplyException extends IOException {

    private static final long serialVersionUID = 1;

    OversizedReplyException(long bytes) {
        super("Redis sends a string of " + bytes + " bytes");
    }
}
