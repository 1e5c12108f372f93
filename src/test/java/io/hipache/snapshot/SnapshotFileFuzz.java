package io.hipache.snapshot;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;

/**
 * A snapshot, and a list of entries. The file is read or refused with an {@link IOException}; its checksum is made to fit, because
 * no fuzzer would find one. What is read is written as the same, and read as the same again.
 */
public final class SnapshotFileFuzz {
    private static final String STORE = "redis://h:1/0";
    private static final long MOST = 10_000;

    private SnapshotFileFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) throws IOException, NoSuchAlgorithmException {
        entries(bytes);
        byte[] sum = MessageDigest.getInstance("SHA-256").digest(bytes);
        byte[] file = Arrays.copyOf(bytes, bytes.length + sum.length);
        System.arraycopy(sum, 0, file, bytes.length, sum.length);
        KnownEntries read;
        try {
            read = SnapshotFile.read(new ByteArrayInputStream(file), STORE, MOST, Long.MAX_VALUE);
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).startsWith("it is ")) {
                throw new AssertionError("a message that says nothing", e);
            }
            return;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SnapshotFile.write(out, STORE, read.all());
        KnownEntries again =
                SnapshotFile.read(new ByteArrayInputStream(out.toByteArray()), STORE, MOST, Long.MAX_VALUE);
        if (!again.all().equals(read.all())) {
            throw new AssertionError(read.all() + " are read as " + again.all());
        }
    }

    private static void entries(byte[] bytes) {
        List<Entry> entries;
        try {
            entries = Entry.readAll(ByteBuffer.wrap(bytes));
        } catch (MalformedEntryException e) {
            return;
        }
        ByteBuffer written = ByteBuffer.allocate(Entry.length(entries));
        entries.forEach(entry -> {
            entry.write(written);
            if (entry.name().isEmpty() || entry.texts().size() > bytes.length || entry.cost() < entry.length()) {
                throw new AssertionError(entry);
            }
        });
        if (!Arrays.equals(written.array(), bytes)) {
            throw new AssertionError(entries + " are written otherwise");
        }
    }
}
