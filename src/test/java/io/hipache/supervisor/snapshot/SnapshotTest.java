package io.hipache.supervisor.snapshot;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.config.ConfigJson;
import io.hipache.config.HipacheConfig;
import io.hipache.link.WorkerMessage;
import io.hipache.snapshot.Entry;
import io.hipache.testing.RecordedLog;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotTest {

    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final String STORE = "redis://127.0.0.1:6379/0";

    private final Path file;

    SnapshotTest(@TempDir Path folder) {
        this.file = folder.resolve("snapshot");
    }

    private HipacheConfig config() throws Exception {
        return config(file, "redis://:secret@127.0.0.1:6379");
    }

    private static HipacheConfig config(Path file, String driver) throws Exception {
        return ConfigJson.decode(
                "{\"server\": {\"snapshot\": \"" + file + "\", \"staleIfDown\": 60}, \"driver\": \"" + driver + "\"}");
    }

    private static Entry entry(String name, String... texts) {
        return requireNonNull(Entry.of(Entry.Kind.FRONTEND, name, 7, List.of(texts)));
    }

    private static WorkerMessage.Known known(Entry... entries) {
        return new WorkerMessage.Known(STORE, List.of(entries));
    }

    private static List<WorkerMessage> messages(Snapshot snapshot, HipacheConfig config) {
        List<WorkerMessage> messages = new ArrayList<>();
        snapshot.messages(config).forEachRemaining(messages::add);
        return messages;
    }

    private void awaitFile(String text) {
        await().until(() ->
                Files.exists(file) && new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(text));
    }

    @Test
    void keepsWhatWorkersHaveLearnedForTheNextSupervisor() throws Exception {
        try (Snapshot snapshot = Snapshot.open(config(), PAUSE)) {
            snapshot.startWriting();
            snapshot.received(known(entry("foo.bar", "site", "http://a:80")));
            awaitFile("foo.bar");
        }
        assertThat(Files.readAllBytes(file)).asString().doesNotContain("secret");

        try (RecordedLog log = RecordedLog.of(Snapshot.class);
                Snapshot next = Snapshot.open(config(), PAUSE)) {
            assertThat(messages(next, config()))
                    .containsExactly(known(entry("foo.bar", "site", "http://a:80")), known());
            assertThat(log.lines()).containsExactly("1 name is known from the snapshot " + file);
        }
    }

    @Test
    void writesWhatIsNewAtTheEnd() throws Exception {
        try (Snapshot snapshot = Snapshot.open(config())) {
            snapshot.startWriting();
            snapshot.received(known(entry("foo.bar", "site", "http://a:80")));
        }

        assertThat(Files.readAllBytes(file)).asString().contains("http://a:80");
    }

    @Test
    void writesNothingWhileAnotherSupervisorDoes() throws Exception {
        try (Snapshot snapshot = Snapshot.open(config(), PAUSE)) {
            snapshot.received(known(entry("foo.bar", "site", "http://a:80")));
            snapshot.writeSoon();
        }
        assertThat(file).doesNotExist();

        try (Snapshot snapshot = Snapshot.open(config(), PAUSE)) {
            snapshot.startWriting();
            snapshot.stopWriting();
            snapshot.received(known(entry("foo.bar", "site", "http://a:80")));
        }
        assertThat(file).doesNotExist();
    }

    @Test
    void startsWithoutADamagedFile() throws Exception {
        Files.writeString(file, "nonsense");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));

        try (RecordedLog log = RecordedLog.of(Snapshot.class);
                Snapshot snapshot = Snapshot.open(config(), PAUSE)) {
            assertThat(log.lines())
                    .containsExactly(
                            "WARNING! the snapshot " + file + " is not used, starting without it: it is no snapshot");
            assertThat(messages(snapshot, config())).containsExactly(known());
        }
    }

    @Test
    void warnsOfAFolderThatIsNotThereBeforeThereIsAnythingToWrite() throws Exception {
        Path absent = file.resolveSibling("absent");
        Path alsoAbsent = file.resolveSibling("also-absent");

        try (RecordedLog log = RecordedLog.of(Snapshot.class);
                Snapshot snapshot = Snapshot.open(config(absent.resolve("s"), "redis:"), PAUSE)) {
            snapshot.startWriting();
            snapshot.follow(config(alsoAbsent.resolve("s"), "redis:"));
            snapshot.follow(config(file, "redis:"));

            assertThat(log.linesWith("WARNING!"))
                    .containsExactly(
                            "WARNING! server.snapshot: " + absent + "/s cannot be written: the folder " + absent
                                    + " does not exist; make it",
                            "WARNING! server.snapshot: " + alsoAbsent + "/s cannot be written: the folder " + alsoAbsent
                                    + " does not exist; make it");
        }
    }

    @Test
    void saysOnceWhyItCannotBeWrittenAndGoesOn() throws Exception {
        Path folder = file.resolveSibling("folder");
        HipacheConfig config = config(folder.resolve("snapshot"), "redis:");

        try (RecordedLog log = RecordedLog.of(Snapshot.class);
                Snapshot snapshot = Snapshot.open(config, PAUSE)) {
            snapshot.startWriting();
            snapshot.received(known(entry("foo.bar", "site", "http://a:80")));
            log.await("cannot write the snapshot " + folder.resolve("snapshot") + ": no such file or folder");
            snapshot.writeSoon();

            Files.createDirectory(folder);

            log.await("is written again");
            assertThat(log.linesWith("cannot write the")).hasSize(1);
        }
    }

    @Test
    void tellsTheWorkersWhatOneOfThemHasLearned() throws Exception {
        List<WorkerMessage> told = new ArrayList<>();
        Entry forgotten = requireNonNull(Entry.of(Entry.Kind.FORGOTTEN_FRONTEND, "foo.bar", 8, List.of()));
        try (Snapshot snapshot = Snapshot.open(config(), PAUSE)) {
            snapshot.tellWorkers(told::add);

            snapshot.received(known(entry("foo.bar", "site", "http://a:80"), entry("other")));
            snapshot.received(known(entry("foo.bar", "site", "http://a:80")));
            snapshot.received(known(forgotten));
        }

        assertThat(told).containsExactly(known(entry("foo.bar", "site", "http://a:80"), entry("other")));
    }

    @Test
    void sendsLittleAtATime() throws Exception {
        try (Snapshot snapshot = Snapshot.open(config(), PAUSE)) {
            for (int i = 0; i < 10; i++) {
                snapshot.received(known(entry("host" + i, "x".repeat(50_000))));
            }

            List<WorkerMessage> messages = messages(snapshot, config());

            // the newest come first
            assertThat(messages)
                    .hasSize(6)
                    .startsWith(known(entry("host9", "x".repeat(50_000)), entry("host8", "x".repeat(50_000))));
        }
    }

    @Test
    void givesNobodyWhatIsKnownOfAnotherStore() throws Exception {
        HipacheConfig other = config(file, "redis://127.0.0.1:6379/1");
        try (Snapshot snapshot = Snapshot.open(config(), PAUSE)) {
            snapshot.received(known(entry("foo.bar", "site", "http://a:80")));
            snapshot.received(new WorkerMessage.Known("redis://127.0.0.1:6379/1", List.of(entry("other"))));
            assertThat(messages(snapshot, other))
                    .containsExactly(new WorkerMessage.Known("redis://127.0.0.1:6379/1", List.of()));

            snapshot.follow(other);

            assertThat(messages(snapshot, other)).hasSize(1);
            assertThat(messages(snapshot, config())).containsExactly(known());
        }
    }

    @Test
    void keepsWhatIsKnownWhenAReloadChangesSomethingElse() throws Exception {
        Path moved = file.resolveSibling("moved");
        try (Snapshot snapshot = Snapshot.open(config(), PAUSE)) {
            snapshot.startWriting();
            snapshot.received(known(entry("foo.bar", "site", "http://a:80")));

            snapshot.follow(config(moved, "redis://:other@127.0.0.1"));

            assertThat(messages(snapshot, config())).hasSize(2);
        }
        assertThat(moved).exists();
    }

    @Test
    void keepsNothingWithoutAFile() throws Exception {
        HipacheConfig none = ConfigJson.decode("{}");
        try (Snapshot snapshot = Snapshot.open(none, PAUSE)) {
            snapshot.startWriting();
            snapshot.received(known(entry("foo.bar", "site", "http://a:80")));

            assertThat(messages(snapshot, none)).isEmpty();
            snapshot.follow(config());
            assertThat(messages(snapshot, config())).containsExactly(known());
        }
        assertThat(file).doesNotExist();
    }
}
