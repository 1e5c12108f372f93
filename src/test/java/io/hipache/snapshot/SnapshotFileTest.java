package io.hipache.snapshot;

import static io.hipache.snapshot.EntryTest.entry;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotFileTest {

    private static final String STORE = "redis://127.0.0.1:6379/0";
    private static final long MOST = 1 << 20;
    private static final long NOW = 1_000;
    private static final List<Entry> ENTRIES = List.of(
            entry("no.foo.bar", 5),
            entry("foo.bar", 6, "site", "http://a:80"),
            requireNonNull(Entry.of(Entry.Kind.CERTIFICATE, "foo.bar", 7, List.of("cert", "key"))));

    private final Path file;

    SnapshotFileTest(@TempDir Path folder) {
        this.file = folder.resolve("snapshot");
    }

    private KnownEntries read() throws IOException {
        return SnapshotFile.read(file, STORE, MOST, NOW);
    }

    private static KnownEntries read(byte[] bytes) throws IOException {
        return SnapshotFile.read(new ByteArrayInputStream(bytes), STORE, MOST, NOW);
    }

    private static byte[] written() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SnapshotFile.write(out, STORE, ENTRIES);
        return out.toByteArray();
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void readsWhatItWrote() throws IOException {
        SnapshotFile.write(file, STORE, ENTRIES);

        assertThat(read().all()).containsExactlyElementsOf(ENTRIES);
    }

    @Test
    void isForItsOwnerAlone() throws IOException {
        Files.writeString(file, "older and wider");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

        SnapshotFile.write(file, STORE, ENTRIES);

        assertThat(mode(file)).isEqualTo("rw-------");
        assertThat(file.resolveSibling("snapshot.new")).doesNotExist();
    }

    @Test
    void followsNoLinkThatSomebodyHasLeft() throws IOException {
        Path other = Files.writeString(file.resolveSibling("other"), "untouched");
        Files.createSymbolicLink(file.resolveSibling("snapshot.new"), other);

        SnapshotFile.write(file, STORE, ENTRIES);

        assertThat(other).hasContent("untouched");
        assertThat(read().size()).isEqualTo(ENTRIES.size());
        assertThat(file.resolveSibling("snapshot.new")).doesNotExist();
    }

    @Test
    void replacesALinkAndReadsNone() throws IOException {
        Path other = file.resolveSibling("other");
        SnapshotFile.write(other, STORE, ENTRIES);
        Files.createSymbolicLink(file, other);
        assertThatThrownBy(this::read).hasMessage("it is no regular file");

        SnapshotFile.write(file, STORE, List.of());

        assertThat(read().size()).isZero();
        assertThat(SnapshotFile.read(other, STORE, MOST, NOW).size()).isEqualTo(ENTRIES.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rw-----w-"})
    void refusesAFileToWhichOthersHaveRights(String permissions) throws IOException {
        SnapshotFile.write(file, STORE, ENTRIES);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));

        assertThatThrownBy(this::read).hasMessageContaining("others than its owner have rights to it (mode 6");
    }

    @Test
    void takesTheRightOfOthersToReadAndUsesTheFileTheNextTime() throws IOException {
        SnapshotFile.write(file, STORE, ENTRIES);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

        assertThatThrownBy(this::read)
                .hasMessage("others than its owner have rights to it (mode 644, expected 600). Its mode is 600 now, and"
                        + " the next start uses it; others may have read the private keys in it");

        assertThat(mode(file)).isEqualTo("rw-------");
        assertThat(read().all()).containsExactlyElementsOf(ENTRIES);
    }

    @Test
    void trustsNoFileLaterToWhichOthersCouldWrite() throws IOException {
        SnapshotFile.write(file, STORE, ENTRIES);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));

        assertThatThrownBy(this::read).hasMessageContaining("Others may have changed it, so its mode is 000 now");

        assertThat(mode(file)).isEqualTo("---------");
        assertThatThrownBy(this::read).hasMessage("its owner has no right to read it (mode 0, expected 600)");
        SnapshotFile.write(file, STORE, ENTRIES);
        assertThat(read().all()).containsExactlyElementsOf(ENTRIES);
    }

    @Test
    void leavesTheModeOfFilesThatMayBeSomethingElse() throws IOException {
        Files.writeString(file, "hosts of this machine");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        Path named = file.resolveSibling("named");
        SnapshotFile.write(named, STORE, ENTRIES);
        Files.setPosixFilePermissions(named, PosixFilePermissions.fromString("rw-r--r--"));
        Files.createLink(file.resolveSibling("twice"), named);

        assertThatThrownBy(this::read).hasMessageEndingWith("expected 600)");
        assertThatThrownBy(() -> SnapshotFile.read(named, STORE, MOST, NOW)).hasMessageEndingWith("expected 600)");

        assertThat(mode(file)).isEqualTo("rw-r--r--");
        assertThat(mode(named)).isEqualTo("rw-r--r--");
    }

    @Test
    void leavesTheOldFileWhenTheNewOneCannotBeWritten() throws IOException {
        SnapshotFile.write(file, STORE, ENTRIES);
        Path inTheWay = Files.createDirectory(file.resolveSibling("snapshot.new"));
        Files.createFile(inTheWay.resolve("file"));

        assertThatThrownBy(() -> SnapshotFile.write(file, STORE, List.of())).isInstanceOf(IOException.class);

        assertThat(read().all()).containsExactlyElementsOf(ENTRIES);
    }

    @Test
    void saysWhenThereIsNone() {
        assertThatThrownBy(this::read).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void refusesADirectory() {
        assertThatThrownBy(() ->
                        SnapshotFile.read(requireNonNull(file.toAbsolutePath().getParent()), STORE, MOST, NOW))
                .hasMessage("it is no regular file");
    }

    @Test
    void refusesTheFileOfAnotherStore() throws IOException {
        SnapshotFile.write(file, "redis://other:6379/1", ENTRIES);

        assertThatThrownBy(this::read).hasMessage("it is of another store, redis://other:6379/1");
    }

    @Test
    void refusesEveryFlippedBit() throws IOException {
        byte[] bytes = written();

        for (int i = 0; i < bytes.length * 8; i++) {
            byte[] damaged = bytes.clone();
            damaged[i / 8] ^= (byte) (1 << i % 8);
            assertThatThrownBy(() -> read(damaged))
                    .as("bit %s", i)
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("it is ");
        }
    }

    @Test
    void refusesEveryPartAndEveryTail() throws IOException {
        byte[] bytes = written();

        for (int i = 0; i < bytes.length; i++) {
            byte[] part = Arrays.copyOf(bytes, i);
            assertThatThrownBy(() -> read(part)).as("%s bytes", i).hasMessageStartingWith("it is ");
        }
        assertThatThrownBy(() -> read(Arrays.copyOf(bytes, bytes.length + 1)))
                .hasMessage("it is damaged: its checksum does not fit");
    }

    @Test
    void saysWhichVersionItDoesNotKnow() throws IOException {
        byte[] bytes = written();
        bytes[19] = 2;

        assertThatThrownBy(() -> read(bytes)).hasMessage("it is of version 2, and this program reads version 1");
    }

    @Test
    void keepsOfALargeFileWhatThereIsRoomFor() throws IOException {
        SnapshotFile.write(file, STORE, ENTRIES);

        assertThat(SnapshotFile.read(file, STORE, 600, NOW).size()).isEqualTo(1);
    }
}
