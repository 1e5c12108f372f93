package io.hipache.http;

/**
 * The head of a request as it was received; one of HTTP/2 as it would have been sent in HTTP/1.1.
 *
 * @param line the request line, for the log
 * @param method case-sensitive (RFC 9110 §9.1)
 * @param target as received: which of the forms of RFC 9112 §3.2 it has is not looked at here
 */
public record RequestHead(String line, String method, String target, Version version, Fields fields, Framing framing) {

    /**
     * From parts that did not come as lines.
     *
     * @throws MalformedMessage when they could not stand in a request line, or contradict each other
     */
    public static RequestHead of(Version version, String method, String target, Fields fields) {
        boolean wellFormed = !method.isEmpty() && !target.isEmpty();
        for (int i = 0; i < method.length(); i++) {
            wellFormed &= method.charAt(i) < 0x80 && Ascii.isToken((byte) method.charAt(i));
        }
        for (int i = 0; i < target.length(); i++) {
            wellFormed &= target.charAt(i) <= 0xff && Ascii.isTarget((byte) target.charAt(i));
        }
        if (!wellFormed) {
            throw MalformedMessage.because("malformed request line");
        }
        String line = method + ' ' + target + ' ' + version.text();
        return new RequestHead(line, method, target, version, fields, Framing.ofRequest(version, fields));
    }

    /** Whether the client keeps the connection open after the response (RFC 9112 §9.3). */
    public boolean keepsAlive() {
        if (!fields.contains(KnownField.CONNECTION)) {
            return version != Version.HTTP_1_0;
        }
        if (fields.hasToken(KnownField.CONNECTION, "close")) {
            return false;
        }
        return version != Version.HTTP_1_0 || fields.hasToken(KnownField.CONNECTION, "keep-alive");
    }

    public boolean isHead() {
        return method.equals("HEAD");
    }

    /** RFC 9110 §9.2.2: sending it twice is as good as sending it once. */
    public boolean isIdempotent() {
        return switch (method) {
            case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE" -> true;
            default -> false;
        };
    }

    /** Whether the client waits for a {@code 100 Continue} before its body (RFC 9110 §10.1.1). */
    public boolean expectsContinue() {
        return version != Version.HTTP_1_0
                && framing.kind() != Framing.Kind.NONE
                && "100-continue".equalsIgnoreCase(fields.first(KnownField.EXPECT));
    }
}
