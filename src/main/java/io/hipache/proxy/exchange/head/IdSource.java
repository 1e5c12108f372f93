package io.hipache.proxy.exchange.head;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;

/**
 * Makes ids that no other worker or machine makes too. They are no secrets: whoever sees some can guess others. Confined to
 * the event loop.
 */
public final class IdSource {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int UUID_CHARS = 36;
    private static final long VERSION_7 = 0x7000L;
    private static final long VARIANT = 0x8000_0000_0000_0000L;

    private final SplittableRandom random;
    private final LongSupplier clockMillis;

    public IdSource() {
        this(new SecureRandom().nextLong(), System::currentTimeMillis);
    }

    IdSource(long seed, LongSupplier clockMillis) {
        this.random = new SplittableRandom(seed);
        this.clockMillis = clockMillis;
    }

    /** A UUID of version 7 (RFC 9562 §5.7): its beginning is the time, so that ids sort by it. */
    String requestId() {
        long high = clockMillis.getAsLong() << 16 | VERSION_7 | (random.nextLong() & 0xFFF);
        long low = random.nextLong() >>> 2 | VARIANT;
        byte[] text = new byte[UUID_CHARS];
        putHex(text, 0, high >>> 32, 8);
        text[8] = '-';
        putHex(text, 9, high >>> 16, 4);
        text[13] = '-';
        putHex(text, 14, high, 4);
        text[18] = '-';
        putHex(text, 19, low >>> 48, 4);
        text[23] = '-';
        putHex(text, 24, low, 12);
        return new String(text, StandardCharsets.ISO_8859_1);
    }

    /** A {@code traceparent} of a new trace, with the flag that it is recorded (Trace Context §3.2). */
    String traceParent() {
        byte[] text = "00-00000000000000000000000000000000-0000000000000000-01".getBytes(StandardCharsets.US_ASCII);
        putHex(text, 3, notZero(), 16);
        putHex(text, 19, random.nextLong(), 16);
        putHex(text, 36, notZero(), 16);
        return new String(text, StandardCharsets.ISO_8859_1);
    }

    private long notZero() {
        long number = random.nextLong();
        return number == 0 ? 1 : number;
    }

    /** Writes the last {@code digits} digits of a number. */
    private static void putHex(byte[] text, int at, long number, int digits) {
        long rest = number;
        for (int i = at + digits - 1; i >= at; i--) {
            text[i] = HEX[(int) (rest & 0xF)];
            rest >>>= 4;
        }
    }
}
