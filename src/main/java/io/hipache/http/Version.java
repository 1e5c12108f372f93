package io.hipache.http;

/**
 * The versions of HTTP that the proxy speaks. A later minor version of HTTP/1 is treated as HTTP/1.1 (RFC 9110 §2.5).
 */
public enum Version {
    HTTP_1_0("HTTP/1.0"),
    HTTP_1_1("HTTP/1.1"),
    HTTP_2_0("HTTP/2.0");

    private final String text;

    Version(String text) {
        this.text = text;
    }

    /** The version as it stands in a request line, such as {@code HTTP/1.1}. */
    public String text() {
        return text;
    }
}
