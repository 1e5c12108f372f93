package io.hipache.certificates;

/**
 * A certificate and its key as PEM text that is not parsed yet. Compared by content.
 *
 * @param certificate the server's own certificate, then the rest of its chain
 */
public record PemPair(String certificate, String key) {

    /** The number of characters of both. */
    int length() {
        return certificate.length() + key.length();
    }

    /** Without its content, so that a log line may show it. */
    @Override
    public String toString() {
        return "PemPair[***]";
    }
}
