package io.hipache.config;

import io.hipache.config.json.Findings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;

/** Checks the files that a configuration names before a worker opens them, so that each problem is reported once. */
final class FileChecks {
    /** The bits of {@code st_mode} that tell the type of a file. */
    private static final int TYPE_OF_FILE = 0170000;

    private static final int NAMED_PIPE = 0010000;

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

    /** For a configuration that the supervisor, which has more rights, has checked already. */
    static FileChecks trusted(Findings findings) {
        return new FileChecks(findings, false);
    }

    KeyFileReader keys() {
        return keys;
    }

    /** A test may ask for port 0. A file may not, because every worker would listen on a different port. */
    int leastPort() {
        return enabled ? 1 : 0;
    }

    /** Whether files may be opened. */
    boolean isEnabled() {
        return enabled;
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

    /** Opening a named pipe without a writer would wait for ever, and the running supervisor with it. */
    static void refuseNamedPipe(Path file) throws IOException {
        if (Files.exists(file) && ((int) Files.getAttribute(file, "unix:mode") & TYPE_OF_FILE) == NAMED_PIPE) {
            throw new IOException("is a named pipe");
        }
    }

    /** What to do where this user may not read a file, to follow the words of the fault. */
    static String whoMayRead(Path file) {
        String root = "; run it as root, with sudo";
        try {
            PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
            String group = attributes.group().getName();
            boolean groupReads = attributes.permissions().contains(PosixFilePermission.GROUP_READ);
            return groupReads && !group.equals("root") ? root + ", or as a member of the group " + group : root;
        } catch (IOException e) {
            // its folder is closed to this user as well
            return root;
        }
    }

    /** Reads a file whole. */
    static byte[] bytes(Path file, int most) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException("is a directory");
        }
        try (InputStream in = Files.newInputStream(file)) {
            // a device such as /dev/zero has no size, and no end either
            byte[] bytes = in.readNBytes(most + 1);
            if (bytes.length > most) {
                throw new IOException("is too large");
            }
            return bytes;
        }
    }
}
