package io.hipache.testing;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;

/** The body of a message: its digest, and its bytes while there are not too many. */
final class KeptBody extends OutputStream {
    private static final int KEPT_BYTES = 1 << 20;

    private final DigestStream digest = new DigestStream();
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private volatile long length;

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int from, int count) {
        digest.write(bytes, from, count);
        if (kept.size() + count <= KEPT_BYTES) {
            kept.write(bytes, from, count);
        }
        length += count;
    }

    /** How many bytes have arrived so far. */
    long length() {
        return length;
    }

    synchronized Digest digest() {
        return digest.digest();
    }

    synchronized byte[] bytes() {
        if (kept.size() < length) {
            throw new AssertionError("a body of " + length + " bytes is not kept; compare its digest");
        }
        return kept.toByteArray();
    }
}
