package io.hipache.link;

import java.io.IOException;

/**
 * What another supervisor says in an upgrade. It is a message, which is read as the same when it is written again; or one of
 * a later version, or a {@link LinkException}.
 */
public final class SuccessionMessagesFuzz {
    private SuccessionMessagesFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
        SuccessionMessage message;
        try {
            message = SuccessionMessages.decode(bytes);
        } catch (LinkException e) {
            return;
        }
        if (message == null) {
            return;
        }
        SuccessionMessage again = SuccessionMessages.decode(SuccessionMessages.encode(message));
        if (!message.equals(again) || message.toString().isBlank()) {
            throw new AssertionError(message + " is read as " + again);
        }
    }
}
