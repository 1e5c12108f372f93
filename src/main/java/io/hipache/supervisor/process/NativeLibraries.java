package io.hipache.supervisor.process;

import io.hipache.config.Installation;
import io.hipache.supervisor.common.StartException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The native libraries of Netty: its transport, and BoringSSL. Netty unpacks them from their jars to the temporary folder,
 * in every process. That fails where this folder is mounted {@code noexec}. So the supervisor unpacks them once, beside the
 * program or to another folder from which programs may run, and the workers load them from there.
 */
public final class NativeLibraries {
    /** The administrator may name a folder in this system property, which is Netty's own. */
    private static final String PROPERTY = "io.netty.native.workdir";

    /** Where the administrator names the folder. */
    static final String OPTION = "HIPACHE_JAVA_OPTS=-D" + PROPERTY + "=/path";

    private static final String ARCHITECTURE =
            System.getProperty("os.arch", "").equals("aarch64") ? "aarch_64" : "x86_64";
    private static final String EPOLL = "libnetty_transport_native_epoll_" + ARCHITECTURE + ".so";
    private static final List<String> NAMES = List.of(EPOLL, "libnetty_tcnative_linux_" + ARCHITECTURE + ".so");

    private static final Path TEMPORARY = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
    private static final String ONLY_OWNER_WRITES = "rwxr-xr-x";
    private static final int WRITABLE_BY_OTHERS = 0022;
    private static final int ROOT = 0;

    private static @Nullable Path prepared;

    private NativeLibraries() {}

    /**
     * Finds a folder for the libraries, and has Netty use one in this process. Call this before Netty needs it.
     *
     * @throws StartException when there is no folder from which a library could be loaded
     */
    public static void prepare() throws StartException {
        List<String> faults = new ArrayList<>();
        for (Path candidate : candidates()) {
            // Netty unpacks to the temporary folder without help
            boolean temporary = candidate.equals(TEMPORARY);
            String fault = temporary ? faultOfFolder(candidate) : unpack(candidate);
            if (fault == null) {
                prepared = temporary ? null : candidate;
                useInThisProcess(faults);
                return;
            }
            faults.add(candidate + " " + fault);
        }
        throw noFolder(faults);
    }

    /** This process runs already, so Netty has to unpack the transport once more for it, unless the launcher knew better. */
    private static void useInThisProcess(List<String> faults) throws StartException {
        String path = System.getProperty("java.library.path", "");
        if (prepared == null
                || List.of(path.split(":", -1)).contains(prepared.toString())
                || faultOfFolder(TEMPORARY) == null) {
            return;
        }
        for (Path candidate : candidates()) {
            String fault = Files.isDirectory(candidate) ? faultOfFolder(candidate) : "is missing";
            if (fault == null) {
                System.setProperty(PROPERTY, candidate.toString());
                return;
            }
            faults.add(candidate + " " + fault);
        }
        throw noFolder(faults);
    }

    private static StartException noFolder(List<String> faults) {
        return new StartException(List.of("no folder serves for the native libraries of Netty: "
                + String.join(", ", faults)
                + ". Name a folder that only this user can write to, on a file system that is "
                + "not mounted noexec: " + OPTION));
    }

    /** The folder that {@link #prepare} has filled, empty when Netty needs none. */
    static Optional<Path> folder() {
        return Optional.ofNullable(prepared);
    }

    /** The flags for the command line of a worker. */
    static List<String> flags() {
        return prepared == null ? List.of() : List.of("-Djava.library.path=" + prepared);
    }

    private static List<Path> candidates() {
        List<Path> candidates = new ArrayList<>();
        String named = System.getProperty(PROPERTY, "");
        if (!named.isEmpty()) {
            candidates.add(Path.of(named).toAbsolutePath());
        }
        Installation.programJar().ifPresent(jar -> candidates.add(jar.resolveSibling("native")));
        candidates.add(TEMPORARY);
        String runtime = System.getenv().getOrDefault("RUNTIME_DIRECTORY", "").split(":", 2)[0];
        if (!runtime.isEmpty()) {
            candidates.add(Path.of(runtime, "native"));
        }
        candidates.add(Path.of("/run/hipache/native"));
        candidates.add(Path.of(System.getProperty("user.home", "/"), ".cache", "hipache", "native"));
        return candidates;
    }

    /** What is wrong with a folder, null when a library can be written there and loaded from there. */
    private static @Nullable String faultOfFolder(Path folder) {
        try {
            Path probe = Files.createTempFile(
                    folder,
                    "hipache",
                    ".probe",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            try {
                return faultOf(probe);
            } finally {
                Files.delete(probe);
            }
        } catch (IOException e) {
            return "cannot be written";
        }
    }

    /** Unpacks the libraries that are missing or differ. Returns what is wrong with the folder, null when nothing is. */
    private static @Nullable String unpack(Path folder) {
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(folder);
                Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(ONLY_OWNER_WRITES));
            }
            if (isOpenToOthers(folder)) {
                return "may be written by other users";
            }
            for (String name : NAMES) {
                URL packed = NativeLibraries.class.getClassLoader().getResource("META-INF/native/" + name);
                String fault = packed == null ? null : unpack(packed, folder, name);
                if (fault != null) {
                    return fault;
                }
            }
            return Files.exists(folder.resolve(EPOLL)) ? null : "lacks a library for this machine";
        } catch (IOException e) {
            return "cannot be written";
        }
    }

    private static @Nullable String unpack(URL packed, Path folder, String name) throws IOException {
        Path file = folder.resolve(name);
        if (!isUnpacked(packed, file)) {
            String fault = faultOfFolder(folder);
            if (fault != null) {
                return fault;
            }
            Path whole = Files.createTempFile(folder, "unpacked", ".so");
            // into the file that only its owner may open, whatever the umask is
            try (InputStream library = packed.openStream();
                    OutputStream unpacked = Files.newOutputStream(whole)) {
                library.transferTo(unpacked);
            }
            Files.setPosixFilePermissions(whole, PosixFilePermissions.fromString(ONLY_OWNER_WRITES));
            // in one step: another process may be loading the file
            Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
        }
        return faultOf(file);
    }

    /** By the checksum in the jar: unpacking the library for a comparison takes 50 ms of each start. */
    private static boolean isUnpacked(URL packed, Path file) throws IOException {
        if (!Files.isRegularFile(file) || !(packed.openConnection() instanceof JarURLConnection jar)) {
            return false;
        }
        JarEntry entry = jar.getJarEntry();
        if (entry.getSize() != Files.size(file)) {
            return false;
        }
        CRC32 checksum = new CRC32();
        // in pieces: Java would keep a buffer of the size of the library for good
        try (InputStream unpacked = new CheckedInputStream(Files.newInputStream(file), checksum)) {
            unpacked.transferTo(OutputStream.nullOutputStream());
        }
        return entry.getCrc() == checksum.getValue();
    }

    /** The kernel does not call a file executable where its file system is mounted noexec. */
    private static @Nullable String faultOf(Path file) {
        return Files.isExecutable(file) ? null : "is mounted noexec";
    }

    private static boolean isOpenToOthers(Path folder) throws IOException {
        int owner = (int) Files.getAttribute(folder, "unix:uid");
        int self = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        int mode = (int) Files.getAttribute(folder, "unix:mode");
        return (owner != self && owner != ROOT) || (mode & WRITABLE_BY_OTHERS) != 0;
    }
}
