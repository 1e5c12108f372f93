package io.hipache.snapshot;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Entries in a file: a mark, a version, the store, the entries, and a SHA-256 of all that. There are private keys in it, so only
 * its owner may read it. It is written beside its place and then moved there, so that it is whole at any time.
 */
public final class SnapshotFile {
    private static final byte[] MARK = "hipache-snapshot".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final int MAX_STORE_BYTES = 16 << 10;
    private static final int OTHERS = 077;
    private static final int OTHERS_WRITE = 022;
    private static final int OWNER_READS = 0400;
    private static final int PERMISSIONS = 0777;
    private static final int REGULAR = 0100000;
    private static final int TYPE = 0170000;

    /** What is asked of the system about a file: its mode, its owner, and how many names it has. */
    private static final String MODE = "unix:mode";

    private static final String OWNER = "unix:uid";
    private static final String NAMES = "unix:nlink";
    private static final int ROOT = 0;

    private SnapshotFile() {}

    /**
     * Replaces the file.
     *
     * @param store the name of the store, without a password
     */
    public static void write(Path file, String store, List<Entry> entries) throws IOException {
        Path whole = file.toAbsolutePath();
        Path beside = whole.resolveSibling(whole.getFileName() + ".new");
        // somebody may have left anything there, a symbolic link for example: it is removed, never followed
        Files.deleteIfExists(beside);
        Set<OpenOption> onlyNew =
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        try {
            try (FileChannel channel = FileChannel.open(
                    beside,
                    onlyNew,
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 64 << 10);
                write(out, store, entries);
                out.flush();
                channel.force(true);
            }
            Files.move(beside, whole, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            Files.deleteIfExists(beside);
            throw e;
        }
        try (FileChannel folder = FileChannel.open(whole.resolveSibling("."), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    /** Why no file could be written now, in words, or null when nothing speaks against it. Writes nothing. */
    public static @Nullable String obstacle(Path file) {
        Path folder = file.toAbsolutePath().resolveSibling(".").normalize();
        if (!Files.exists(folder)) {
            return "the folder " + folder + " does not exist; make it";
        }
        if (!Files.isDirectory(folder)) {
            return folder + " is no folder";
        }
        return Files.isWritable(folder) && Files.isExecutable(folder)
                ? null
                : "this user cannot write to the folder " + folder;
    }

    /** Writes the content of a file. */
    static void write(OutputStream out, String store, List<Entry> entries) throws IOException {
        MessageDigest digest = sha256();
        DataOutputStream data = new DataOutputStream(new DigestOutputStream(out, digest));
        data.write(MARK);
        data.writeInt(VERSION);
        byte[] storeBytes = store.getBytes(StandardCharsets.UTF_8);
        data.writeInt(storeBytes.length);
        data.write(storeBytes);
        data.writeInt(entries.size());
        for (Entry entry : entries) {
            ByteBuffer bytes = ByteBuffer.allocate(entry.length());
            entry.write(bytes);
            data.write(bytes.array());
        }
        data.flush();
        out.write(digest.digest());
    }

    /**
     * Reads a file of this store.
     *
     * @param most what the entries may cost, see {@link KnownEntries}; the oldest ones are left out
     * @param nowMillis nothing can be known later than now
     * @throws NoSuchFileException when there is no file
     * @throws IOException when the file cannot be used; the message says what was found
     */
    public static KnownEntries read(Path file, String store, long most, long nowMillis) throws IOException {
        int mode = (int) Files.getAttribute(file, MODE, LinkOption.NOFOLLOW_LINKS);
        if ((mode & TYPE) != REGULAR) {
            throw new IOException("it is no regular file");
        }
        int owner = (int) Files.getAttribute(file, OWNER, LinkOption.NOFOLLOW_LINKS);
        if ((mode & OTHERS) != 0) {
            throw new IOException("others than its owner have rights to it (mode "
                    + Integer.toOctalString(mode & PERMISSIONS) + ", expected 600)" + taken(file, mode, owner));
        }
        if ((mode & OWNER_READS) == 0) {
            throw new IOException("its owner has no right to read it (mode " + Integer.toOctalString(mode & PERMISSIONS)
                    + ", expected 600)");
        }
        if (owner != ROOT && !isOwn(owner)) {
            throw new IOException("it belongs to another user (" + owner + ")");
        }
        try (InputStream in = new BufferedInputStream(
                Files.newInputStream(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS), 64 << 10)) {
            return read(in, store, most, nowMillis);
        }
    }

    /**
     * Takes the rights of others to a snapshot of ours away, because there are private keys in it. When others could write to it,
     * nobody keeps a right: the checksum is no signature, so a later start must not take for ours what others may have written.
     *
     * @return what was done, as the end of a sentence
     */
    private static String taken(Path file, int mode, int owner) throws IOException {
        // a second name of the file, or another kind of file, may be anything that others need
        if (!isOwn(owner) || (int) Files.getAttribute(file, NAMES, LinkOption.NOFOLLOW_LINKS) != 1 || !hasMark(file)) {
            return "";
        }
        boolean readOnly = (mode & OTHERS_WRITE) == 0;
        Files.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .setPermissions(PosixFilePermissions.fromString(readOnly ? "rw-------" : "---------"));
        return readOnly
                ? ". Its mode is 600 now, and the next start uses it; others may have read the private keys in it"
                : ". Others may have changed it, so its mode is 000 now: remove it, or set its mode to 600 if you trust it."
                        + " The private keys in it may be known";
    }

    private static boolean isOwn(int owner) throws IOException {
        return Files.getAttribute(Path.of("/proc/self"), OWNER).equals(owner);
    }

    private static boolean hasMark(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            return Arrays.equals(in.readNBytes(MARK.length), MARK);
        }
    }

    /** Reads the content of a file, however long it is: no more than {@code most} is kept. */
    static KnownEntries read(InputStream in, String store, long most, long nowMillis) throws IOException {
        try {
            return readWhole(in, store, most, nowMillis);
        } catch (EOFException e) {
            throw new IOException("it is damaged: it ends too early", e);
        } catch (MalformedEntryException e) {
            throw new IOException("it is damaged: " + e.getMessage(), e);
        }
    }

    private static KnownEntries readWhole(InputStream in, String store, long most, long nowMillis) throws IOException {
        MessageDigest digest = sha256();
        DataInputStream data = new DataInputStream(new DigestInputStream(in, digest));
        if (!Arrays.equals(data.readNBytes(MARK.length), MARK)) {
            throw new IOException("it is no snapshot");
        }
        int version = data.readInt();
        if (version != VERSION) {
            throw new IOException("it is of version " + version + ", and this program reads version " + VERSION);
        }
        byte[] storeBytes = bytes(data, MAX_STORE_BYTES);
        KnownEntries entries = new KnownEntries(most);
        for (int left = data.readInt(); left != 0; left--) {
            byte[] bytes = bytes(data, Entry.MAX_BYTES);
            ByteBuffer whole = ByteBuffer.allocate(Integer.BYTES + bytes.length)
                    .putInt(bytes.length)
                    .put(bytes);
            entries.add(Entry.read(whole.flip()), nowMillis);
        }
        byte[] sum = digest.digest();
        if (!Arrays.equals(in.readNBytes(sum.length), sum) || in.read() >= 0) {
            throw new IOException("it is damaged: its checksum does not fit");
        }
        if (!Arrays.equals(storeBytes, store.getBytes(StandardCharsets.UTF_8))) {
            throw new IOException("it is of another store, " + new String(storeBytes, StandardCharsets.UTF_8));
        }
        return entries;
    }

    private static byte[] bytes(DataInputStream data, int most) throws IOException {
        int length = data.readInt();
        if (length < 0 || length > most) {
            throw new IOException("it is damaged: a field has " + length + " bytes");
        }
        byte[] bytes = new byte[length];
        data.readFully(bytes);
        return bytes;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }
}
