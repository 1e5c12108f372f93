package io.hipache.supervisor.process;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The class data sharing (CDS) archive of a worker. The JVM maps it instead of loading the classes one by one. The launcher
 * script names the archive in a system property when the archive was made for this program and this Java. The JVM checks
 * again, and silently ignores an archive that does not fit.
 */
public final class ClassArchive {
    private static final String PROPERTY = "hipache.archive";
    private static @Nullable Path toBeMade;

    private ClassArchive() {}

    /** Makes every worker that starts from now on write its classes to {@code file} when it ends. */
    public static void makeAtExitOfWorkers(Path file) {
        toBeMade = file;
    }

    /** The flags for the command line of a worker. Empty when there is no archive. */
    static List<String> flags() {
        if (toBeMade != null) {
            return List.of("-XX:ArchiveClassesAtExit=" + toBeMade, "-Xlog:cds*=off:stderr");
        }
        String file = System.getProperty(PROPERTY, "");
        if (file.isEmpty() || !Files.isReadable(Path.of(file))) {
            // with the name of a missing file, the JVM would not use its own default archive either
            return List.of();
        }
        return List.of("-XX:SharedArchiveFile=" + file, "-Xshare:auto", "-Xlog:cds*=off:stderr");
    }
}
