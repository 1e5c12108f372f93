package io.hipache.certificates;

/**
 * A certificate with its key, as text in PEM form that nobody has looked into yet; compared by content.
 *
 * @param certificate the server's own one, then the rest of its chain
 */
public record PemPair(String certificate, String key) {

    /** Without its content, so that a log line may show it. */
    @Override
    public String toString() {
        return "PemPair[***]";
    }
}
