package io.hipache.supervisor.process;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The classes of a worker as the JVM maps them instead of loading them one by one. The launcher names the file in a
 * system property when it was made for this program and this Java; the JVM looks again, and without a word does
 * without when it does not fit.
 */
public final class ClassArchive {
    private static final String PROPERTY = "hipache.archive";
    private static @Nullable Path toBeMade;

    private ClassArchive() {}

    /** Has each worker that is started from now on write its classes to {@code file} when it ends. */
    public static void makeAtExitOfWorkers(Path file) {
        toBeMade = file;
    }

    /** For the command line of a worker; none when there is no archive. */
    static List<String> flags() {
        if (toBeMade != null) {
            return List.of("-XX:ArchiveClassesAtExit=" + toBeMade, "-Xlog:cds*=off:stderr");
        }
        String file = System.getProperty(PROPERTY, "");
        if (file.isEmpty() || !Files.isReadable(Path.of(file))) {
            // named and not there it would cost the JVM's own archive, too
            return List.of();
        }
        return List.of("-XX:SharedArchiveFile=" + file, "-Xshare:auto", "-Xlog:cds*=off:stderr");
    }
}
