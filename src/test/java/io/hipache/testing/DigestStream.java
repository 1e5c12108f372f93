package io.hipache.testing;

import java.io.OutputStream;
import java.util.zip.CRC32C;

/** Counts and sums up what is written, keeps nothing. */
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
