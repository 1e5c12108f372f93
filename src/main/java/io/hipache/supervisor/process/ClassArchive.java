package io.hipache.supervisor.process;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The class data sharing (CDS) archive. The JVM of a worker maps it instead of loading the classes one by one, and so does the
 * supervisor's. The launcher script makes the archive, and names it in a system property when it was made for this program and
 * this Java. The JVM checks again, and silently ignores an archive that does not fit.
 */
public final class ClassArchive {
    private static final String PROPERTY = "hipache.archive";
    private static @Nullable Path list;

    private ClassArchive() {}

    /** Makes every worker that starts from now on list its classes in {@code file}, for the launcher. */
    public static void listClassesOfWorkers(Path file) {
        list = file;
    }

    /** The flags for the command line of a worker. Empty when there is no archive. */
    static List<String> flags() {
        if (list != null) {
            return List.of("-XX:DumpLoadedClassList=" + list);
        }
        String file = System.getProperty(PROPERTY, "");
        if (file.isEmpty() || !Files.isReadable(Path.of(file))) {
            // with the name of a missing file, the JVM would not use its own default archive either
            return List.of();
        }
        return List.of(
                "-XX:SharedArchiveFile=" + file,
                "-Xshare:auto",
                // at the address for which the archive was made, if it is free. At another one the JVM would write to
                // each
                // page: 30 MB for each process, and 80 ms of its start. The address differs from one installation to
                // the next, so it is not known to an attacker; nothing in the archive is executed.
                "-XX:+UnlockDiagnosticVMOptions",
                "-XX:ArchiveRelocationMode=0",
                "-Xlog:cds*=off:stderr");
    }
}
