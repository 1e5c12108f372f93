package io.hipache.driver.redis;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * What a connection is for. Redis shows its name in {@code CLIENT LIST}: {@code hipache:<machine>:<process id>:<role>}, so that an
 * administrator can tell the connections of a fleet from one another.
 */
public enum ClientName {
    /** Look-ups, certificates, and also marks where both go to the same server. */
    READ,
    /** Marks of dead backends. */
    WRITE,
    /** Questions to a Sentinel. */
    SENTINEL,
    /** A command of the command line. */
    CLI,
    /** Active checks of backends. */
    CHECKER,
    /** The pages of the admin listener. */
    ADMIN;

    private static final Path MACHINE = Path.of("/proc/sys/kernel/hostname");

    /** Linux allows no longer name of a machine. */
    private static final int LONGEST = 64;

    private static final String PROCESS =
            "hipache:" + machine() + ":" + ProcessHandle.current().pid() + ":";

    private final String text = name().toLowerCase(Locale.ROOT);

    /** The name, without any character that {@code CLIENT SETNAME} refuses. */
    String text() {
        return PROCESS + text;
    }

    /** The name of this machine, in letters, digits and any of {@code . _ -}. */
    public static String machine() {
        try {
            return printable(Files.readString(MACHINE).strip());
        } catch (IOException e) {
            return "unknown";
        }
    }

    static String printable(String name) {
        String printable = name.replaceAll("[^A-Za-z0-9._-]", "_");
        return printable.substring(0, Math.min(LONGEST, printable.length()));
    }
}
