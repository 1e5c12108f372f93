package io.hipache.http;

/** A message is complete; the fields of its trailer section, if it was chunked and had some. */
public record BodyEnd(Fields trailers) {
    /** Complete, without trailers. */
    public static final BodyEnd PLAIN = new BodyEnd(Fields.NONE);
}
