package io.hipache.http;

/** Takes header fields one by one, and writes them as its protocol has them. */
public interface FieldSink {

    /** Field {@code index} of {@code fields}, as it was received. */
    void received(Fields fields, int index);

    /** A field of the proxy's own; the name is in lower case or in the usual capitals, the value is ISO-8859-1. */
    void made(String name, String value);
}
