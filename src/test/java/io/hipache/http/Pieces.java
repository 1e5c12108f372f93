package io.hipache.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** The ways in which the same bytes can arrive. */
final class Pieces {
    private Pieces() {}

    static byte[] bytes(String latin1) {
        return latin1.getBytes(StandardCharsets.ISO_8859_1);
    }

    static List<byte[]> whole(String latin1) {
        return List.of(bytes(latin1));
    }

    static List<byte[]> of(int size, byte[] bytes) {
        List<byte[]> pieces = new ArrayList<>();
        for (int at = 0; at < bytes.length; at += size) {
            pieces.add(Arrays.copyOfRange(bytes, at, Math.min(at + size, bytes.length)));
        }
        return pieces;
    }

    /** At once, byte by byte, and cut in two at every place. */
    static List<List<byte[]>> everyWay(byte[] bytes) {
        List<List<byte[]>> ways = new ArrayList<>();
        ways.add(List.of(bytes));
        ways.add(of(1, bytes));
        for (int cut = 1; cut < bytes.length; cut++) {
            ways.add(List.of(Arrays.copyOf(bytes, cut), Arrays.copyOfRange(bytes, cut, bytes.length)));
        }
        return ways;
    }

    static List<byte[]> random(byte[] bytes, RandomGenerator random) {
        List<byte[]> pieces = new ArrayList<>();
        for (int at = 0; at < bytes.length; ) {
            int next = Math.min(bytes.length, at + 1 + random.nextInt(1 + random.nextInt(bytes.length)));
            pieces.add(Arrays.copyOfRange(bytes, at, next));
            at = next;
        }
        return pieces;
    }
}
