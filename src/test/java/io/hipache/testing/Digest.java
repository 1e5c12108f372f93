package io.hipache.testing;

import java.nio.charset.StandardCharsets;

/**
 * Tells whether two bodies are the same without keeping either.
 *
 * @param length in bytes
 * @param crc32c of all of them: against accidents, and fast enough for a gibibyte
 */
public record Digest(long length, long crc32c) {

    public static Digest of(byte[] bytes) {
        DigestStream stream = new DigestStream();
        stream.write(bytes, 0, bytes.length);
        return stream.digest();
    }

    public static Digest of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }
}
