package io.hipache.driver.lookup;

import io.hipache.routing.Driver.Rows;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the {@link Rows} of one look-up after the other from the elements of a reply to a batch of them. What is kept is bounded by the
 * list as it was asked for: dead indexes outside of it are junk and dropped, and an element longer than any sensible URL
 * becomes an empty one, which is never picked and keeps its index.
 */
final class RowsDecoder {

    /** Elements read of a list, the virtual host included; what a list holds beyond is not seen. */
    static final int MAX_ENTRIES = 100_000;

    /** Bytes of one element. */
    static final int MAX_ENTRY_BYTES = 8 * 1024;

    /** Digits of an index below {@link #MAX_ENTRIES}. */
    private static final int MAX_INDEX_DIGITS = 5;

    /**
     * What one look-up gave.
     *
     * @param rows null when the list could not be read
     * @param error of the list, or else of the dead set, which then counts as empty; null when all is well
     */
    record Result(@Nullable Rows rows, @Nullable String error) {}

    private final List<Result> results = new ArrayList<>();
    private byte[] scratch = new byte[256];
    private @Nullable String name;
    private List<String> entries = List.of();
    private Set<Integer> dead = Set.of();

    boolean hasFrontend() {
        return name != null;
    }

    void frontend(String matched, int size) {
        name = matched;
        entries = new ArrayList<>(Math.min(size, MAX_ENTRIES));
    }

    void entry(ByteBuffer bytes) {
        int length = bytes.remaining();
        if (length > MAX_ENTRY_BYTES) {
            entries.add("");
            return;
        }
        if (length > scratch.length) {
            scratch = new byte[MAX_ENTRY_BYTES];
        }
        bytes.get(scratch, 0, length);
        entries.add(new String(scratch, 0, length, StandardCharsets.UTF_8));
    }

    void dead(ByteBuffer bytes) {
        int index = index(bytes);
        if (index < 0 || index >= entries.size() - 1) {
            return;
        }
        if (dead.isEmpty()) {
            dead = new HashSet<>();
        }
        dead.add(index);
    }

    /** Ends one look-up with what was gathered, perhaps nothing. */
    void finish(@Nullable String deadSetError) {
        results.add(new Result(new Rows(name, entries, dead), deadSetError));
        clear();
    }

    /** Ends one look-up whose list could not be read. */
    void fail(String error) {
        results.add(new Result(null, error));
        clear();
    }

    /** One for each look-up that ended, in their order. */
    List<Result> results() {
        return results;
    }

    private void clear() {
        name = null;
        entries = List.of();
        dead = Set.of();
    }

    private static int index(ByteBuffer bytes) {
        int length = bytes.remaining();
        if (length == 0 || length > MAX_INDEX_DIGITS) {
            return -1;
        }
        int index = 0;
        while (bytes.hasRemaining()) {
            int digit = bytes.get() - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            index = index * 10 + digit;
        }
        return index;
    }
}
