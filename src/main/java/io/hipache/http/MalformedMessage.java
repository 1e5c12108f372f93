package io.hipache.http;

/**
 * A message that breaks the rules of RFC 9112 or RFC 9113. It carries no stack trace: any client can cause one, as
 * often as it likes.
 */
public final class MalformedMessage extends RuntimeException {
    private final int status;
    private final String startLine;

    private MalformedMessage(int status, String reason, String startLine) {
        super(reason, null, false, false);
        this.status = status;
        this.startLine = startLine;
    }

    /**
     * A message that is answered with status 400.
     *
     * @param reason a short English phrase for the log
     */
    public static MalformedMessage because(String reason) {
        return new MalformedMessage(400, reason, "");
    }

    static MalformedMessage headTooLarge() {
        return new MalformedMessage(431, "head too large", "");
    }

    /** A message with a transfer coding that the proxy does not know (RFC 9112 §6.1). */
    static MalformedMessage unknownCoding() {
        return new MalformedMessage(501, "unsupported transfer coding", "");
    }

    /** The same message, which began with this line. */
    MalformedMessage beginningWith(String line) {
        return new MalformedMessage(status, reason(), line);
    }

    /** What was read of the first line of the message, each byte in one character; empty where there is none. */
    public String startLine() {
        return startLine;
    }

    /** The status to answer the client with: 400, 431 or 501. */
    public int status() {
        return status;
    }

    /** What is wrong with the message: a short English phrase for the log. */
    public String reason() {
        return String.valueOf(getMessage());
    }
}
