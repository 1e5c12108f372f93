package io.hipache.supervisor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The limit of open files. The Java runtime has raised it to the hard limit, and the workers inherit it. */
final class OpenFileLimit {
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final String NAME = "Max open files";

    /** A request needs two files: the client's socket and the backend's. */
    private static final int FEW = 4096;

    private OpenFileLimit() {}

    /** A warning when the limit is low. */
    static Optional<String> warning() {
        try {
            return warning(Files.readAllLines(LIMITS));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    static Optional<String> warning(List<String> limits) {
        return limits.stream()
                .filter(line -> line.startsWith(NAME))
                .map(line -> line.substring(NAME.length()).strip().split(" +", 2)[0])
                .filter(soft -> soft.matches("\\d{1,9}") && Integer.parseInt(soft) < FEW)
                .map(soft -> "a worker may open " + soft + " files only, which is about " + Integer.parseInt(soft) / 2
                        + " requests at a time: raise the limit (LimitNOFILE= of the service, ulimit -n)")
                .findFirst();
    }
}
