package io.hipache.testing;

import java.io.OutputStream;
import java.util.zip.CRC32C;

/** Counts the bytes that are written and computes their checksum. Keeps none of them. */
final class DigestStream extends OutputStream {
    private final CRC32C crc = new CRC32C();
    private long length;

    @Override
    public void write(int b) {
        crc.update(b);
        length++;
    }

    @Override
    public void write(byte[] bytes, int from, int count) {
        crc.update(bytes, from, count);
        length += count;
    }

    Digest digest() {
        return new Digest(length, crc.getValue());
    }
}
