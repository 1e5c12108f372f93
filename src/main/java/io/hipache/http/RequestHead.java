package io.hipache.http;

/**
 * The head of a request as it was received. A request of HTTP/2 has the head that HTTP/1.1 would have sent for it.
 * Immutable.
 *
 * @param line the request line, for the log
 * @param method the method; methods are case-sensitive (RFC 9110 §9.1)
 * @param target the request target as received; which form of RFC 9112 §3.2 it has is not checked here
 */
public record RequestHead(String line, String method, String target, Version version, Fields fields, Framing framing) {

    /**
     * Makes a head from parts that did not arrive as lines.
     *
     * @throws MalformedMessage when a part cannot stand in a request line, or when the fields contradict each other
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

    /** About how many bytes of memory this object takes. */
    public int memory() {
        return 2 * line.length() + fields.memory();
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

    /** Whether the method is HEAD, so that the response has no body. */
    public boolean isHead() {
        return method.equals("HEAD");
    }

    /** Whether the request may be sent twice with the effect of sending it once (RFC 9110 §9.2.2). */
    public boolean isIdempotent() {
        return switch (method) {
            case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE" -> true;
            default -> false;
        };
    }

    /**
     * How many times a TRACE or OPTIONS may still be passed on (RFC 9110 §7.6.2), -1 when there is no limit. A value that is
     * not a number is no limit; of several, the least one counts.
     */
    public int maxForwards() {
        if (!method.equals("OPTIONS") && !method.equals("TRACE")) {
            return -1;
        }
        int least = -1;
        int index = fields.indexOf(KnownField.MAX_FORWARDS, 0);
        for (; index >= 0; index = fields.indexOf(KnownField.MAX_FORWARDS, index + 1)) {
            int limit = number(fields.value(index));
            least = least < 0 || (limit >= 0 && limit < least) ? limit : least;
        }
        return least;
    }

    private static int number(String text) {
        long number = text.isEmpty() ? -1 : 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            number = Math.min(number * 10 + (c - '0'), Integer.MAX_VALUE);
        }
        return (int) number;
    }

    /** Whether the client takes trailers, and has said so to this proxy and not to one before (RFC 9110 §10.1.4). */
    public boolean takesTrailers() {
        return fields.contains(KnownField.TE)
                && fields.hasToken(KnownField.TE, "trailers")
                && (version == Version.HTTP_2_0
                        || (version == Version.HTTP_1_1 && fields.hasToken(KnownField.CONNECTION, "te")));
    }

    /** Whether the client waits for a {@code 100 Continue} before its body (RFC 9110 §10.1.1). */
    public boolean expectsContinue() {
        return version != Version.HTTP_1_0
                && framing.kind() != Framing.Kind.NONE
                && "100-continue".equalsIgnoreCase(fields.first(KnownField.EXPECT));
    }
}
