package io.hipache.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether this process may give its workers another account than its own. */
public final class Privilege {
    private Privilege() {}

    /** Whether we run as root, which on Linux the owner of our own folder under {@code /proc} tells. */
    public static boolean isRoot() {
        try {
            return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }
}
