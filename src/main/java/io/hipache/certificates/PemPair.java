package io.hipache.certificates;

import org.jspecify.annotations.Nullable;

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

    /** Written out, see "Records" in CONTRIBUTING.md. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PemPair that && certificate.equals(that.certificate) && key.equals(that.key);
    }

    @Override
    public int hashCode() {
        return 31 * certificate.hashCode() + key.hashCode();
    }

    /** Without its content, so that a log line may show it. */
    @Override
    public String toString() {
        return "PemPair[***]";
    }
}
