package io.hipache.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether this process may start its workers under another account. */
public final class Privilege {
    private Privilege() {}

    /** Whether this process runs as root. On Linux the owner of {@code /proc/self} is the user of the process. */
    public static boolean isRoot() {
        try {
            return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }
}
