package io.hipache.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Random;

/**
 * A body of any length that needs no memory. It repeats one block of noise, with the block's number written into it. A
 * lost, doubled or swapped block therefore changes the digest.
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

    /** The digest that a receiver must have computed. */
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
