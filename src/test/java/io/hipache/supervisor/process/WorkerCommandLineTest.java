package io.hipache.supervisor.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WorkerCommandLineTest {

    @Test
    void endsWithTheProgram() {
        assertThat(WorkerCommandLine.HIPACHE.words(256))
                .endsWith("-cp", System.getProperty("java.class.path"), "io.hipache.Main", "worker");
    }

    @Test
    void holdsOnlyFlagsThatThisJavaTakesInSilence() throws IOException, InterruptedException {
        List<String> flags = new ArrayList<>(WorkerCommandLine.HIPACHE.words(256));
        flags.subList(flags.indexOf("-cp"), flags.size()).clear();
        flags.add("-version");

        Process java = new ProcessBuilder(flags).redirectErrorStream(true).start();
        String output = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(java.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(output).containsIgnoringCase("version").doesNotContainIgnoringCase("warning");
    }

    @Test
    void hasTheLimitsThatFollowFromTheMemoryLimit() {
        assertThat(WorkerCommandLine.HIPACHE.words(512))
                .containsAll(WorkerMemory.of(512).flags());
    }
}
