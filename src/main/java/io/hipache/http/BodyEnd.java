package io.hipache.http;

/**
 * The end of a complete message.
 *
 * @param trailers the fields of the trailer section (RFC 9112 §7.1.2); empty when the body was not chunked or had no
 *     trailers
 */
public record BodyEnd(Fields trailers) {
    /** The end of a message without trailers. */
    public static final BodyEnd PLAIN = new BodyEnd(Fields.NONE);
}
