package io.hipache.testing;

import java.nio.charset.StandardCharsets;

/**
 * Shows whether two bodies are equal, without keeping either of them.
 *
 * @param length in bytes
 * @param crc32c the checksum of all bytes; it detects accidents, and it is fast enough for a gibibyte
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
