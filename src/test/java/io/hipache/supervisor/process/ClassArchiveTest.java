package io.hipache.supervisor.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.config.ConfigJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassArchiveTest {
    private final Path file;

    ClassArchiveTest(@TempDir Path folder) {
        file = folder.resolve("classes.jsa");
        System.setProperty("hipache.archive", file.toString());
    }

    @AfterEach
    void forget() {
        System.clearProperty("hipache.archive");
    }

    @Test
    void isUsedWhereThereIsOne() throws IOException {
        Files.createFile(file);

        assertThat(ClassArchive.flags()).contains("-XX:SharedArchiveFile=" + file, "-Xshare:auto");
    }

    @Test
    void isNotNamedWhenItIsMissing() {
        assertThat(ClassArchive.flags()).isEmpty();
    }

    @Test
    void isDoneWithoutInSilenceWhenItIsNone() throws Exception {
        Files.writeString(file, "something else");
        List<String> command = new ArrayList<>(
                WorkerCommandLine.HIPACHE.words(ConfigJson.decode("{}").server()));
        command.subList(command.indexOf("-cp"), command.size()).clear();
        command.add("-version");

        Process java = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(java.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(java.exitValue()).as(output).isZero();
        assertThat(output).doesNotContainIgnoringCase("warning").doesNotContainIgnoringCase("error");
    }
}
