package io.hipache.http;

/** The versions that are spoken here. A later minor version is taken as 1.1 (RFC 9110 §2.5). */
public enum Version {
    HTTP_1_0("HTTP/1.0"),
    HTTP_1_1("HTTP/1.1"),
    HTTP_2_0("HTTP/2.0");

    private final String text;

    Version(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }
}
