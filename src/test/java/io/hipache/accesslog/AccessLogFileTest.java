package io.hipache.accesslog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessLogFileTest {
    private final Path folder;

    AccessLogFileTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void appendsLinesInTheirOrder() throws Exception {
        Path file = Files.writeString(folder.resolve("access.log"), "before\n");

        try (AccessLogFile log = AccessLogFile.open(file.toString())) {
            log.append(lines("one\ntwo\n"));
            log.append(lines("three\n"));
        }

        assertThat(file).hasContent("before\none\ntwo\nthree\n");
    }

    @Test
    void createsTheFolder() throws Exception {
        Path file = folder.resolve("var/log/access.log");

        try (AccessLogFile log = AccessLogFile.open(file.toString())) {
            log.append(lines("one\n"));
        }

        assertThat(file).hasContent("one\n");
    }

    @Test
    void goesOnInANewFileAfterARotation() throws Exception {
        Path file = folder.resolve("access.log");
        Path rotated = folder.resolve("access.log.1");

        try (AccessLogFile log = AccessLogFile.open(file.toString())) {
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

        try (AccessLogFile log = AccessLogFile.open(file.toString())) {
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

        try (AccessLogFile log = AccessLogFile.open(file.toString())) {
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
    void saysWhyItCannotOpen() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");

        assertThatThrownBy(() -> AccessLogFile.open(folder.toString()))
                .isInstanceOf(IOException.class)
                .hasMessage("cannot open the access log " + folder + ": is a directory");
        assertThatThrownBy(() -> AccessLogFile.open(file + "/access.log"))
                .isInstanceOf(IOException.class)
                .hasMessage("cannot open the access log " + file + "/access.log: not a folder (" + file + ")");
        assertThatThrownBy(() -> AccessLogFile.open("\0"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Nul character not allowed");
    }

    private static ByteBuffer lines(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
