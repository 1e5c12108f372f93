package io.hipache.http;

/**
 * The head of a response as it was received. Immutable.
 *
 * @param status the status code, 100 to 999
 * @param reason the reason phrase, which may be empty
 */
public record ResponseHead(Version version, int status, String reason, Fields fields, Framing framing) {

    /** Whether the status is 1xx, but not 101: another head follows (RFC 9110 §15.2). */
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
