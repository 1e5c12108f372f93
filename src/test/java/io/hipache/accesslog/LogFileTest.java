package io.hipache.accesslog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFileTest {
    private final Path folder;

    LogFileTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void appendsLinesInTheirOrder() throws Exception {
        Path file = Files.writeString(folder.resolve("access.log"), "before\n");

        try (LogFile log = LogFile.open(file.toString())) {
            log.append(lines("one\ntwo\n"));
            log.append(lines("three\n"));
        }

        assertThat(file).hasContent("before\none\ntwo\nthree\n");
    }

    @Test
    void createsTheFolder() throws Exception {
        Path file = folder.resolve("var/log/access.log");

        try (LogFile log = LogFile.open(file.toString())) {
            log.append(lines("one\n"));
        }

        assertThat(file).hasContent("one\n");
    }

    @Test
    void goesOnInANewFileAfterARotation() throws Exception {
        Path file = folder.resolve("access.log");
        Path rotated = folder.resolve("access.log.1");

        try (LogFile log = LogFile.open(file.toString())) {
            log.append(lines("one\n"));
            await().until(() -> Files.size(file) > 0);
            Files.move(file, rotated);
            log.append(lines("two\n"));
            await().until(() -> Files.size(rotated) > 4);
            log.reopen();
            log.append(lines("three\n"));
        }

        assertThat(rotated).hasContent("one\ntwo\n");
        assertThat(file).hasContent("three\n");
    }

    @Test
    void keepsTheOpenFileWhenItCannotReopen() throws Exception {
        Path file = folder.resolve("log/access.log");
        Path moved = folder.resolve("moved");

        try (LogFile log = LogFile.open(file.toString())) {
            Files.move(folder.resolve("log"), moved);
            Files.writeString(folder.resolve("log"), "in the way");
            log.reopen();
            log.append(lines("one\n"));
        }

        assertThat(moved.resolve("access.log")).hasContent("one\n");
    }

    @Test
    void survivesAFullDisk() throws Exception {
        Path file = Files.createSymbolicLink(folder.resolve("access.log"), Path.of("/dev/full"));

        try (LogFile log = LogFile.open(file.toString())) {
            log.append(lines("lost\n"));
            log.append(lines("lost\n"));
            Files.delete(file);
            log.reopen();
            await().until(() -> Files.exists(file));
            log.append(lines("kept\n"));
        }

        assertThat(Files.readString(file)).endsWith("kept\n");
    }

    @Test
    void keepsWholeLinesOnFullDiskAndCountsTheOthers() throws Exception {
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder.toString()), "only root can mount");
        Path file = folder.resolve("access.log");
        try (LogLines said = new LogLines();
                LogFile log = LogFile.open(file.toString())) {
            for (int i = 0; i < 4; i++) {
                log.append(lines("0123456789abcdef\n".repeat(1000)));
            }
            said.await("cannot write to the access log, lines are lost: No space left on device");
            long kept = Files.size(file) / 17;

            Files.newByteChannel(file, StandardOpenOption.WRITE).truncate(17).close();
            log.append(lines("at last\n"));

            said.await("the access log can be written again, " + (4_000 - kept) + " lines were lost");
            assertThat(file).hasContent("0123456789abcdef\nat last\n");
        } finally {
            assertThat(run("umount", "--lazy", folder.toString())).isTrue();
        }
    }

    @Test
    void neverWaitsForAPipeThatNobodyReads() throws Exception {
        Path pipe = folder.resolve("access.log");
        assertThat(run("mkfifo", pipe.toString())).isTrue();
        String batch = "0123456789abcdef\n".repeat(1000);
        int total = 2 * LogFile.MAX_WAITING / batch.length() * 1000;
        try (LogLines said = new LogLines();
                LogFile log = LogFile.open(pipe.toString())) {
            for (int i = 0; i < total / 1000; i++) {
                log.append(lines(batch));
            }
            said.await("the access log cannot be written as fast as lines arrive, some lines are lost");

            long kept = 0;
            try (BufferedReader reader = Files.newBufferedReader(pipe)) {
                for (String line = reader.readLine(); !line.equals("last"); line = reader.readLine()) {
                    assertThat(line).isEqualTo("0123456789abcdef");
                    kept++;
                    if (kept == total / 4) {
                        log.append(lines("last\n"));
                    }
                }
            }

            said.await("the access log is written fast enough again, " + (total - kept) + " lines were lost");
        }
    }

    @Test
    void isNotEverybodysToRead() throws Exception {
        Path file = folder.resolve("access.log");

        LogFile.open(file.toString()).close();

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-r-----");
    }

    @Test
    void saysWhyItCannotOpen() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");

        assertThatThrownBy(() -> LogFile.open(folder.toString()))
                .isInstanceOf(IOException.class)
                .hasMessage("cannot open the access log " + folder + ": is a directory");
        assertThatThrownBy(() -> LogFile.open(file + "/access.log"))
                .isInstanceOf(IOException.class)
                .hasMessage("cannot open the access log " + file + "/access.log: not a folder (" + file + ")");
        assertThatThrownBy(() -> LogFile.open("/proc/none/access.log"))
                .isInstanceOf(IOException.class)
                .hasMessage("cannot open the access log /proc/none/access.log: no such file or folder (/proc/none)");
        assertThatThrownBy(() -> LogFile.open("\0"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Nul character not allowed");
    }

    private static boolean run(String... command) throws Exception {
        return new ProcessBuilder(command).start().waitFor() == 0;
    }

    private static ByteBuffer lines(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
