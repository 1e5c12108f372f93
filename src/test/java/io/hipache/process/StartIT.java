package io.hipache.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.testing.TestRedis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a start of the shipped program loads. Each of these classes stands for work that once made a start slower. */
class StartIT {
    private static final Duration START = Duration.ofSeconds(60);

    /** Each form costs half a millisecond. They were 125 and more before javac wrote string concatenation without them. */
    private static final int MOST_LAMBDA_FORMS = 100;

    private final TestRedis redis = TestRedis.start();
    private final Path output;
    private final Path ofSupervisor;
    private final Path ofWorker;
    private final Process process;

    StartIT(@TempDir Path folder) throws IOException {
        output = folder.resolve("output");
        ofSupervisor = folder.resolve("supervisor.log");
        ofWorker = folder.resolve("worker.log");
        Path config = Files.writeString(
                folder.resolve("config.json"),
                """
                {"server": {"accessLog": "%s", "port": %d, "workers": 1, "address": ["127.0.0.1"],
                            "javaOptions": ["-Xlog:class+load:file=%s"]},
                 "driver": ["redis://127.0.0.1:%d/0"], "user": "%s"}
                """
                        .formatted(
                                folder.resolve("access.log"),
                                TestRedis.freePort(),
                                ofWorker,
                                redis.port(),
                                System.getProperty("user.name")));
        ProcessBuilder builder = new ProcessBuilder("scripts/hipache", "--config", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("HIPACHE_JAVA_OPTS", "-Xlog:class+load:file=" + ofSupervisor);
        process = builder.start();
    }

    @AfterEach
    void end() throws InterruptedException {
        RunningProgram.end(process);
        redis.close();
    }

    @Test
    void loadsNothingThatItCanDoWithout() throws IOException {
        await().atMost(START).until(() -> Files.readString(output).contains("is ready"));

        for (Path log : List.of(ofSupervisor, ofWorker)) {
            List<String> classes = Files.readAllLines(log);
            assertThat(classes)
                    .as("classes of %s", log)
                    .anyMatch(line -> line.contains(" io.hipache."))
                    // Jackson's mapper, and the data of languages, which formats of Java read
                    .noneMatch(line -> line.contains(" com.fasterxml.jackson.databind.ObjectMapper "))
                    .noneMatch(line -> line.contains(" sun.util.cldr."))
                    // a search for time zones, which opens all jars
                    .noneMatch(line -> line.contains(" java.time.zone.ZoneRulesProvider "))
                    // code that Java makes for the equality of records
                    .noneMatch(line -> line.contains(" java.lang.runtime.ObjectMethods "))
                    // what the rehearsal has not done, so that the archive lacks it
                    .noneMatch(line -> line.contains(" io.hipache.") && line.contains(" source: file:"))
                    // Logback's search for its setup
                    .noneMatch(line -> line.contains(" ch.qos.logback.classic.util.ContextInitializer "));
            assertThat(classes.stream().filter(line -> line.contains(" java.lang.invoke.LambdaForm$MH/")))
                    .as("lambda forms of %s", log)
                    .hasSizeLessThan(MOST_LAMBDA_FORMS);
        }
        assertThat(Files.readString(output)).doesNotContain("SLF4J");
    }
}
