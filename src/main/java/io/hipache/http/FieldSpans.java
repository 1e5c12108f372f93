package io.hipache.http;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Notes where the fields of one section stand in its bytes. The arrays grow with the number of fields. */
final class FieldSpans {
    private static final int TYPICAL_FIELDS = 16;

    private int[] spans = new int[TYPICAL_FIELDS * Fields.SPAN];
    private @Nullable KnownField[] known = new KnownField[TYPICAL_FIELDS];
    private int count;
    /** Also of those that were removed. */
    private long present;

    /**
     * Adds one field.
     *
     * @return the field, or null when the proxy does not know its name
     */
    @Nullable
    KnownField add(byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd) {
        if (count == known.length) {
            spans = Arrays.copyOf(spans, spans.length * 2);
            known = Arrays.copyOf(known, count * 2);
        }
        int span = count * Fields.SPAN;
        spans[span] = nameStart;
        spans[span + 1] = nameEnd;
        spans[span + 2] = valueStart;
        spans[span + 3] = valueEnd;
        KnownField field = KnownField.of(bytes, nameStart, nameEnd);
        known[count++] = field;
        present |= field == null ? 0 : field.bit();
        return field;
    }

    /** Removes the last field and returns the index of its first byte. */
    int removeLast() {
        count--;
        return spans[count * Fields.SPAN];
    }

    /** The noted fields of {@code bytes}. Shares the arrays: add nothing afterwards. */
    Fields toFields(byte[] bytes) {
        return count == 0 ? Fields.NONE : new Fields(bytes, spans, known, count, present);
    }
}
