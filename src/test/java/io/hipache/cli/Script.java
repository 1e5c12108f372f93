package io.hipache.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Runs one of the project's scripts to its end, as a shell would. */
record Script(int code, String out, String err) {

    static Script run(Path script, Map<String, String> environment, String... args) throws Exception {
        Path out = Files.createTempFile("script", ".out");
        Path err = Files.createTempFile("script", ".err");
        Process process = start(script, environment, args)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IOException(script + " does not end");
        }
        Script result = new Script(process.exitValue(), text(out), text(err));
        Files.delete(out);
        Files.delete(err);
        return result;
    }

    /** An empty value removes the variable. */
    static ProcessBuilder start(Path script, Map<String, String> environment, String... args) {
        List<String> command =
                Stream.concat(Stream.of(script.toString()), Arrays.stream(args)).toList();
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().remove("SETTINGS_FLAVOR");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home", ""));
        environment.forEach((name, value) -> {
            if (value.isEmpty()) {
                builder.environment().remove(name);
            } else {
                builder.environment().put(name, value);
            }
        });
        return builder;
    }

    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }
}
