package io.hipache.config;

import io.hipache.config.AccountKeys.Accounts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks {@code getent}. The JDK does not know the group of a user, and {@code /etc/passwd} does not have the users of a
 * directory service. Not bound to a thread.
 */
final class Getent implements Accounts {
    /** The exit code of {@code getent} when there is no such entry. */
    private static final int NOT_FOUND = 2;

    @Override
    public @Nullable List<String> entry(String database, String key) throws IOException {
        Process getent = new ProcessBuilder("getent", database, "--", key)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        getent.getOutputStream().close();
        String line = new String(getent.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        int code = exitCode(getent);
        if (code == NOT_FOUND) {
            return null;
        }
        List<String> fields = List.of(line.split(":", -1));
        if (code != 0 || fields.size() < 4) {
            throw new IOException("getent " + database + " failed with exit code " + code);
        }
        return fields;
    }

    private static int exitCode(Process process) throws IOException {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
