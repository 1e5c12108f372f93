package io.hipache.testing;

import java.io.IOException;

/**
 * What a {@link TestBackend} does with a request: a {@link Response}, a {@link Misbehaviour}, or code of a test. It
 * runs on the thread of the connection and may block. The connection is kept if it is still open afterwards.
 */
@FunctionalInterface
public interface Reply {
    /**
     * Answers a request.
     *
     * @param request its head was read, its body was not
     */
    void answer(ReceivedRequest request, Wire wire) throws IOException;

    /** Reads the whole request, sends these bytes unchanged, and closes. */
    static Reply raw(String latin1) {
        return (request, wire) -> {
            wire.readBody(request);
            wire.send(latin1);
            wire.finish();
        };
    }
}
