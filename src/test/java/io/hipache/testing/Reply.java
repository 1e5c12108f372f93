package io.hipache.testing;

import java.io.IOException;

/**
 * What a {@link TestBackend} does with a request: a {@link Response}, a {@link Misbehaviour}, or a test's own. Runs on the
 * thread of the connection and may block; the connection is kept if it is still open afterwards.
 */
@FunctionalInterface
public interface Reply {
    /**
     * Does it.
     *
     * @param request its head is read, its body is not
     */
    void answer(ReceivedRequest request, Wire wire) throws IOException;

    /** Reads the request whole, sends these bytes as they are and closes. */
    static Reply raw(String latin1) {
        return (request, wire) -> {
            wire.readBody(request);
            wire.send(latin1);
            wire.finish();
        };
    }
}
