package io.hipache.http;

/** A message that breaks the rules of RFC 9112 or RFC 9113; carries no stack trace, for anybody can cause one. */
public final class MalformedMessage extends RuntimeException {
    private final int status;

    private MalformedMessage(int status, String reason) {
        super(reason, null, false, false);
        this.status = status;
    }

    public static MalformedMessage because(String reason) {
        return new MalformedMessage(400, reason);
    }

    static MalformedMessage headTooLarge() {
        return new MalformedMessage(431, "head too large");
    }

    /** RFC 9112 §6.1: a transfer coding that is not understood. */
    static MalformedMessage unknownCoding() {
        return new MalformedMessage(501, "unsupported transfer coding");
    }

    /** The status that tells a client of its request: 400, 431 or 501. */
    public int status() {
        return status;
    }

    public String reason() {
        return String.valueOf(getMessage());
    }
}
