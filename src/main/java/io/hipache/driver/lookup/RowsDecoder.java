package io.hipache.driver.lookup;

import io.hipache.driver.lookup.LookupObserver.Marks;
import io.hipache.routing.Driver.Rows;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes the {@link Rows} of one look-up after the other from the elements of the reply to a batch. The size of the list bounds
 * the memory: dead indexes outside of the list are junk and are dropped. An element longer than any sensible URL becomes an
 * empty one, which is never picked and keeps the indexes of those after it.
 */
final class RowsDecoder {

    /** The most elements of a list, with the virtual host, whatever {@link LookupBounds} say. */
    static final int MAX_ENTRIES = 100_000;

    /** The longest element, in bytes. */
    static final int MAX_ENTRY_BYTES = 8 * 1024;

    /** Digits of an index below {@link #MAX_ENTRIES}. */
    private static final int MAX_INDEX_DIGITS = 5;

    /**
     * The result of one look-up.
     *
     * @param rows null when a list could not be read
     * @param error why the list could not be read, or else why the dead set could not, which then counts as empty; null when
     *     both could
     * @param unreadable the name whose list could not be read, else null
     * @param marks the dead sets that the rows are made of, empty when they are not known one by one
     */
    record Result(@Nullable Rows rows, @Nullable String error, @Nullable String unreadable, List<Marks> marks) {

        /** A look-up that has rows. */
        Result(Rows rows, @Nullable String deadSetError) {
            this(rows, deadSetError, null);
        }

        /** A look-up of which no single dead set is known. */
        Result(@Nullable Rows rows, @Nullable String error, @Nullable String unreadable) {
            this(rows, error, unreadable, List.of());
        }

        /** A look-up whose list is over a bound. */
        static Result tooLarge(String name) {
            return new Result(null, TOO_LARGE, name);
        }

        /** Whether the look-up is to be sent again. */
        @SuppressWarnings("ReferenceEquality") // LATER is the only one of its kind
        boolean isLater() {
            return this == LATER;
        }

        /** Whether what is stored under the name is no list. */
        boolean isWrongType() {
            return rows == null && error != null && error.startsWith(WRONG_TYPE);
        }

        /** Whether the list is over a bound, or else the dead set, and was not read. */
        boolean isTooLarge() {
            return TOO_LARGE.equals(error);
        }
    }

    /** What an error begins with that is about the type of a key. */
    static final String WRONG_TYPE = "WRONGTYPE";

    /** A look-up that is not in this reply, because the reply holds enough already. */
    static final Result LATER = new Result(null, "later", null);

    /** The error of a list, or of a dead set, that is over a bound. */
    static final String TOO_LARGE = "too large";

    private final List<Result> results = new ArrayList<>();
    private byte[] scratch = new byte[256];
    private @Nullable String name;
    private List<String> entries = List.of();
    private Set<Integer> dead = Set.of();
    /** The dead set that is being read, null where all of them are read as one. */
    private @Nullable Set<Integer> deadSet;

    private List<Marks> marks = List.of();

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
        dead(index(bytes));
    }

    void dead(int index) {
        if (index < 0 || index >= entries.size() - 1) {
            return;
        }
        if (dead.isEmpty()) {
            dead = new HashSet<>();
        }
        dead.add(index);
        if (deadSet != null) {
            deadSet.add(index);
        }
    }

    /** Begins the next dead set that counts for the list. */
    void deadSet(long pttl) {
        Set<Integer> set = new HashSet<>(0);
        deadSet = set;
        marks = marks.isEmpty() ? new ArrayList<>(2) : marks;
        marks.add(new Marks(set, pttl < 0 ? Marks.NO_END : pttl));
    }

    /** The frontend has the list of an earlier look-up of the same reply. */
    void sameFrontend(String matched, int earlier) {
        Rows rows = results.get(earlier).rows();
        name = matched;
        entries = rows == null ? List.of() : rows.entries();
    }

    /** Ends one look-up, because the list under one of its names is over a bound. */
    void tooLarge(String name) {
        fail(name, TOO_LARGE);
    }

    /** Ends one look-up that is to be sent again. */
    void later() {
        results.add(LATER);
        clear();
    }

    /** Ends one look-up with the rows so far, perhaps none. */
    void finish(@Nullable String deadSetError) {
        results.add(new Result(new Rows(name, entries, dead), deadSetError, null, marks));
        clear();
    }

    /** Ends one look-up, because the list under one of its names could not be read. */
    void fail(String unreadable, String error) {
        results.add(new Result(null, error, unreadable));
        clear();
    }

    /** One result for each look-up that has ended, in their order. */
    List<Result> results() {
        return results;
    }

    private void clear() {
        name = null;
        entries = List.of();
        dead = Set.of();
        deadSet = null;
        marks = List.of();
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
