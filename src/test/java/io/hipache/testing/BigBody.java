package io.hipache.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Random;

/**
 * A body of any length that needs no memory: a block of noise, again and again, each time with its number stamped into
 * it, so that a block lost, doubled or swapped changes the digest.
 *
 * @param length in bytes
 */
public record BigBody(long length) {
    private static final int BLOCK_BYTES = 64 << 10;

    public static BigBody ofMebibytes(int mebibytes) {
        return new BigBody((long) mebibytes << 20);
    }

    public void writeTo(OutputStream out) throws IOException {
        byte[] block = noise();
        for (long done = 0; done < length; done += BLOCK_BYTES) {
            ByteBuffer.wrap(block).putLong(done);
            out.write(block, 0, (int) Math.min(BLOCK_BYTES, length - done));
        }
    }

    /** What a receiver must have computed. */
    public Digest digest() {
        DigestStream digest = new DigestStream();
        try {
            writeTo(digest);
        } catch (IOException e) {
            throw new IllegalStateException("no stream is behind the digest", e);
        }
        return digest.digest();
    }

    private static byte[] noise() {
        byte[] block = new byte[BLOCK_BYTES];
        new Random(4711).nextBytes(block);
        return block;
    }
}
