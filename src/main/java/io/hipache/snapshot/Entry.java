package io.hipache.snapshot;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the store has under one name, and when that was known last. Kept as bytes, which are checked: a kind, a time, the name
 * and some texts. Numbers are big endian, and texts are UTF-8 behind their length. Immutable.
 */
public final class Entry {

    /** What an entry is about, and how it is written. */
    public enum Kind {
        /** The list of a frontend. Without texts: there is none. */
        FRONTEND('F', Integer.MAX_VALUE),
        /** A certificate and its key. With one text, the reason why there is something else. Without: there is nothing. */
        CERTIFICATE('C', 2),
        /** What was known of a frontend does not count any more. */
        FORGOTTEN_FRONTEND('f', 0),
        /** What was known of a certificate does not count any more. */
        FORGOTTEN_CERTIFICATE('c', 0),
        /** Nothing that was known counts any more. Its name is {@code *}. */
        FORGOTTEN_ALL('a', 0);

        private final byte letter;
        private final int mostTexts;

        Kind(char letter, int mostTexts) {
            this.letter = (byte) letter;
            this.mostTexts = mostTexts;
        }

        /** Whether the entry is no knowledge, but takes some back. */
        public boolean forgets() {
            return mostTexts == 0;
        }

        private static @Nullable Kind of(byte letter) {
            for (Kind kind : values()) {
                if (kind.letter == letter) {
                    return kind;
                }
            }
            return null;
        }
    }

    /** The longest entry. A frontend with more is not kept: its worker says that it is forgotten. */
    public static final int MAX_BYTES = 400 << 10;

    /** Many entries are sent in portions: one ends with the entry with which it reaches this length. */
    public static final int PORTION_BYTES = 60 << 10;

    /** No host name is longer. */
    static final int MAX_NAME_BYTES = 1_024;

    private static final int INT_BYTES = 4;
    private static final int TIME_AT = 1;
    private static final int NAME_AT = TIME_AT + 8;

    /** About what a worker needs for an entry and for each of its texts, besides the bytes. */
    private static final int OWN_COST = 200;

    private static final int COST_PER_TEXT = 56;

    private final byte[] bytes;
    private final Kind kind;
    private final int nameLength;
    private final int texts;

    private Entry(byte[] bytes, Kind kind, int nameLength, int texts) {
        this.bytes = bytes;
        this.kind = kind;
        this.nameLength = nameLength;
        this.texts = texts;
    }

    /**
     * An entry of a worker.
     *
     * @param knownMillis when this was known last, as wall-clock time
     * @return null when it would be too long
     */
    public static @Nullable Entry of(Kind kind, String name, long knownMillis, List<String> texts) {
        byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
        long length = (long) NAME_AT + 2 * INT_BYTES + nameBytes.length;
        List<byte[]> encoded = new ArrayList<>(texts.size());
        for (String text : texts) {
            byte[] textBytes = text.getBytes(StandardCharsets.UTF_8);
            encoded.add(textBytes);
            length += INT_BYTES + textBytes.length;
        }
        if (nameBytes.length == 0 || nameBytes.length > MAX_NAME_BYTES || length > MAX_BYTES) {
            return null;
        }
        ByteBuffer fields = ByteBuffer.allocate((int) length)
                .put(kind.letter)
                .putLong(Math.max(0, knownMillis))
                .putInt(nameBytes.length)
                .put(nameBytes)
                .putInt(encoded.size());
        encoded.forEach(text -> fields.putInt(text.length).put(text));
        return new Entry(fields.array(), kind, nameBytes.length, encoded.size());
    }

    /**
     * Reads an entry as {@link #write} wrote it. Whatever follows it stays.
     *
     * @throws MalformedEntryException when these bytes are none
     */
    public static Entry read(ByteBuffer from) throws MalformedEntryException {
        if (from.remaining() < INT_BYTES) {
            throw new MalformedEntryException("an entry ends in its length");
        }
        int length = from.getInt();
        if (length < NAME_AT + 2 * INT_BYTES || length > MAX_BYTES || length > from.remaining()) {
            throw new MalformedEntryException("an entry has a length of " + length);
        }
        byte[] bytes = new byte[length];
        from.get(bytes);
        return checked(bytes);
    }

    /** Reads one entry behind the other, to the end of the bytes. */
    public static List<Entry> readAll(ByteBuffer from) throws MalformedEntryException {
        List<Entry> entries = new ArrayList<>();
        while (from.hasRemaining()) {
            entries.add(read(from));
        }
        return entries;
    }

    private static Entry checked(byte[] bytes) throws MalformedEntryException {
        ByteBuffer fields = ByteBuffer.wrap(bytes);
        Kind kind = Kind.of(fields.get());
        long knownMillis = fields.getLong();
        int nameLength = fields.getInt();
        if (kind == null || knownMillis < 0) {
            throw new MalformedEntryException("an entry has no kind or no time");
        }
        if (nameLength < 1 || nameLength > MAX_NAME_BYTES || nameLength > fields.remaining() - INT_BYTES) {
            throw new MalformedEntryException("an entry has a name of " + nameLength + " bytes");
        }
        fields.position(fields.position() + nameLength);
        int texts = fields.getInt();
        if (texts < 0 || texts > kind.mostTexts) {
            throw new MalformedEntryException("an entry has " + texts + " texts");
        }
        for (int i = 0; i < texts; i++) {
            int length = fields.remaining() < INT_BYTES ? -1 : fields.getInt();
            if (length < 0 || length > fields.remaining()) {
                throw new MalformedEntryException("an entry has a text of " + length + " bytes");
            }
            fields.position(fields.position() + length);
        }
        if (fields.hasRemaining()) {
            throw new MalformedEntryException("an entry is too long for what is in it");
        }
        return new Entry(bytes, kind, nameLength, texts);
    }

    /** The number of bytes that {@link #write} writes. */
    public int length() {
        return INT_BYTES + bytes.length;
    }

    /** The number of bytes of all of them. */
    public static int length(List<Entry> entries) {
        return entries.stream().mapToInt(Entry::length).sum();
    }

    /** Writes the entry, with its length in front. */
    public void write(ByteBuffer to) {
        to.putInt(bytes.length).put(bytes);
    }

    public Kind kind() {
        return kind;
    }

    public String name() {
        return new String(bytes, NAME_AT + INT_BYTES, nameLength, StandardCharsets.UTF_8);
    }

    /** When this was known last, as wall-clock time. */
    public long knownMillis() {
        return ByteBuffer.wrap(bytes).getLong(TIME_AT);
    }

    /** Whether the store has nothing under the name. */
    boolean isAbsent() {
        return texts == 0;
    }

    /** The texts, in the order of the store. */
    public List<String> texts() {
        List<String> all = new ArrayList<>(texts);
        ByteBuffer fields = ByteBuffer.wrap(bytes).position(NAME_AT + 2 * INT_BYTES + nameLength);
        for (int i = 0; i < texts; i++) {
            int length = fields.getInt();
            all.add(new String(bytes, fields.position(), length, StandardCharsets.UTF_8));
            fields.position(fields.position() + length);
        }
        return all;
    }

    /** About the bytes that this takes in the memory of a worker. */
    int cost() {
        return OWN_COST + bytes.length + COST_PER_TEXT * texts;
    }

    /** Whether only the times differ. */
    boolean says(Entry other) {
        return bytes[0] == other.bytes[0]
                && Arrays.equals(bytes, NAME_AT, bytes.length, other.bytes, NAME_AT, other.bytes.length);
    }

    /** The same, known last at another time. */
    Entry at(long otherMillis) {
        byte[] copy = bytes.clone();
        ByteBuffer.wrap(copy).putLong(TIME_AT, otherMillis);
        return new Entry(copy, kind, nameLength, texts);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Entry entry && Arrays.equals(bytes, entry.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** Without the texts, which may be a private key. */
    @Override
    public String toString() {
        return kind + "[" + name() + "]";
    }
}
