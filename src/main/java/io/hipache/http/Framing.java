package io.hipache.http;

/**
 * How the end of a body is found (RFC 9112 §6.3).
 *
 * @param length the number of bytes in a {@link Kind#LENGTH} body, otherwise 0
 */
public record Framing(Kind kind, long length) {
    public static final Framing NONE = new Framing(Kind.NONE, 0);
    static final Framing CHUNKED = new Framing(Kind.CHUNKED, 0);
    static final Framing UNTIL_CLOSE = new Framing(Kind.UNTIL_CLOSE, 0);

    /** The ways a body can end. */
    public enum Kind {
        NONE,
        LENGTH,
        CHUNKED,
        UNTIL_CLOSE
    }

    /** Whether the message has no body, so that it ends with its head. */
    public boolean isEmpty() {
        return kind == Kind.NONE || (kind == Kind.LENGTH && length == 0);
    }

    /**
     * The framing of a request with these fields.
     *
     * @throws MalformedMessage when two parsers could read the request differently
     */
    static Framing ofRequest(Version version, Fields fields) {
        if (fields.contains(KnownField.TRANSFER_ENCODING)) {
            requireSoleChunked(version, fields);
            return CHUNKED;
        }
        return fields.contains(KnownField.CONTENT_LENGTH) ? ofLength(fields) : NONE;
    }

    /**
     * The framing of a response.
     *
     * @param toHead whether the request was a HEAD
     * @throws MalformedMessage when two parsers could read the response differently
     */
    static Framing ofResponse(boolean toHead, Version version, int status, Fields fields) {
        if (toHead || status < 200 || status == 204 || status == 304) {
            return NONE;
        }
        if (fields.contains(KnownField.TRANSFER_ENCODING)) {
            requireSoleChunked(version, fields);
            return CHUNKED;
        }
        return fields.contains(KnownField.CONTENT_LENGTH) ? ofLength(fields) : UNTIL_CLOSE;
    }

    private static void requireSoleChunked(Version version, Fields fields) {
        if (version == Version.HTTP_1_0) {
            throw MalformedMessage.because("transfer-encoding in HTTP/1.0");
        }
        if (fields.contains(KnownField.CONTENT_LENGTH)) {
            throw MalformedMessage.because("both transfer-encoding and content-length");
        }
        if (fields.repeats(KnownField.TRANSFER_ENCODING)) {
            throw MalformedMessage.because("more than one transfer-encoding");
        }
        String codings = fields.value(fields.indexOf(KnownField.TRANSFER_ENCODING, 0));
        if (codings.equalsIgnoreCase("chunked")) {
            return;
        }
        String last = codings.substring(codings.lastIndexOf(',') + 1).strip();
        if (last.equalsIgnoreCase("chunked")) {
            throw MalformedMessage.unknownCoding();
        }
        // the end of such a body cannot be found (RFC 9112 §6.3)
        throw MalformedMessage.because("transfer-encoding does not end in chunked");
    }

    private static Framing ofLength(Fields fields) {
        if (fields.repeats(KnownField.CONTENT_LENGTH)) {
            throw MalformedMessage.because("more than one content-length");
        }
        String text = fields.value(fields.indexOf(KnownField.CONTENT_LENGTH, 0));
        // a number of 18 digits is below Long.MAX_VALUE; the digits are checked one by one because parseLong would
        // accept a sign
        if (text.isEmpty() || text.length() > 18) {
            throw MalformedMessage.because("invalid content-length");
        }
        long length = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                throw MalformedMessage.because("invalid content-length");
            }
            length = length * 10 + (c - '0');
        }
        return new Framing(Kind.LENGTH, length);
    }
}
