package io.hipache.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs Jazzer on one target, in a process of its own. What it finds stays in {@code target/fuzz} in a folder for each
 * target.
 */
final class Fuzzer {
    private static final Path FOLDER = Path.of("target", "fuzz").toAbsolutePath();
    /** Seconds after which a build goes to the next target, however few inputs it has tried; a loaded machine is slow. */
    private static final int MOST_SECONDS = 60;
    /** Seconds that one input may take before it counts as a hang; a loaded machine is slow. */
    private static final int HANG = 60;

    private final Target target;
    private final Path folder;
    /** How long to search, 0 for a build's fixed number of inputs. */
    private final int seconds;

    Fuzzer(Target target, int seconds) {
        this.target = target;
        this.folder = FOLDER.resolve(target.text());
        this.seconds = seconds;
    }

    /**
     * What one run found.
     *
     * @param findings files with the input that broke the target
     * @param output what Jazzer wrote
     */
    record Result(int exitCode, List<Path> findings, String output) {}

    Result run() throws IOException, InterruptedException {
        Path corpus = Files.createDirectories(folder.resolve("corpus"));
        Path output = folder.resolve("output.txt");
        for (Path old : seconds > 0 ? findings() : everything()) {
            Files.delete(old);
        }
        Process process = new ProcessBuilder(command(corpus))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
        try {
            int exitCode = process.waitFor();
            return new Result(exitCode, findings(), Files.readString(output));
        } finally {
            process.destroyForcibly();
        }
    }

    private List<String> command(Path corpus) {
        List<String> command = new ArrayList<>(List.of(
                // the tests that run at the same time wait for nothing that takes long
                "nice",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:+EnableDynamicAgentLoading",
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + target.className(),
                "--instrumentation_includes=io.hipache.**",
                "--instrumentation_excludes=io.hipache.fuzz.**",
                // Jazzer's own detectors are for applications: they break Netty's memory access, and a proxy connects
                // anywhere
                "--custom_hook_includes=io.hipache.none.**",
                "--reproducer_path=" + folder,
                "-artifact_prefix=" + folder + "/",
                "-timeout=" + HANG,
                // -Xmx bounds its memory. Linux counts the most that the process had which started this one, and the
                // tests may
                // have used more than the limit
                "-rss_limit_mb=0"));
        if (seconds > 0) {
            command.add("-max_total_time=" + seconds);
            command.add("-use_value_profile=1");
        } else {
            // most of a short run is the start of the JVM, and this halves it
            command.add(2, "-XX:TieredStopAtLevel=1");
            // the same inputs in every build
            command.add("-seed=20140216");
            command.add("-runs=" + target.runs());
            command.add("-max_total_time=" + MOST_SECONDS);
        }
        command.add(corpus.toString());
        command.add(target.seedFolder().toString());
        return command;
    }

    private List<Path> findings() throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().matches("(crash|timeout|oom|slow-unit)-.*"))
                    .sorted()
                    .toList();
        }
    }

    private List<Path> everything() throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }
}
