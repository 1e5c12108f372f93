package io.hipache.http;

/**
 * The head of a response as it was received.
 *
 * @param reason the reason phrase, may be empty
 */
public record ResponseHead(Version version, int status, String reason, Fields fields, Framing framing) {

    /** A 1xx other than 101: another head follows. */
    public boolean isInterim() {
        return status < 200 && status != 101;
    }

    /** Whether the backend keeps the connection open after this response (RFC 9112 §9.3). */
    public boolean keepsAlive() {
        if (framing.kind() == Framing.Kind.UNTIL_CLOSE || fields.hasToken(KnownField.CONNECTION, "close")) {
            return false;
        }
        return version == Version.HTTP_1_1 || fields.hasToken(KnownField.CONNECTION, "keep-alive");
    }
}
