package io.hipache.config;

import io.hipache.config.json.Findings;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Looks at the files that a configuration names before a worker does, so that what is wrong with them is told once. */
final class FileChecks {
    private final Findings findings;
    private final boolean enabled;
    private final KeyFileReader keys;

    private FileChecks(Findings findings, boolean enabled) {
        this.findings = findings;
        this.enabled = enabled;
        this.keys = new KeyFileReader(findings, enabled);
    }

    static FileChecks checked(Findings findings) {
        return new FileChecks(findings, true);
    }

    /** For a configuration that was checked by somebody with more rights than we have. */
    static FileChecks trusted(Findings findings) {
        return new FileChecks(findings, false);
    }

    KeyFileReader keys() {
        return keys;
    }

    /** A test may ask for port 0 by hand, a file may not: every worker would listen on another one. */
    int leastPort() {
        return enabled ? 1 : 0;
    }

    void checkDirectory(String path, Path file) {
        if (enabled && !Files.isDirectory(file)) {
            findings.problem(path, file + " is not a directory");
        }
    }

    void checkNoDirectory(String path, Path file) {
        if (enabled && Files.isDirectory(file)) {
            findings.problem(path, file + " is a directory");
        }
    }

    /** In words, for the JDK's message of these is but the name of the file. */
    static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "no such file";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
