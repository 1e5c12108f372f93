package io.hipache.supervisor.process;

import io.hipache.config.HipacheConfig;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;

/** The files that a worker itself opens, with the rights of its own user. */
final class WorkerFiles {
    private WorkerFiles() {}

    /** The Java runtime, the program and the folder of error pages, as far as they exist. */
    static List<Path> of(HipacheConfig config) {
        List<Path> files = new ArrayList<>();
        files.add(Path.of(System.getProperty("java.home"), "bin", "java"));
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            files.add(Path.of(entry));
            files.addAll(namedBy(Path.of(entry)));
        }
        files.add(config.server().staticDir());
        NativeLibraries.folder().ifPresent(files::add);
        return files.stream()
                .map(file -> file.toAbsolutePath().normalize())
                .filter(Files::exists)
                .toList();
    }

    /** The libraries, which are named in the manifest of the program's jar. */
    private static List<Path> namedBy(Path jar) {
        if (!Files.isRegularFile(jar)) {
            return List.of();
        }
        try (JarFile opened = new JarFile(jar.toFile())) {
            Manifest manifest = opened.getManifest();
            String names =
                    manifest == null ? null : manifest.getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
            List<Path> named = new ArrayList<>();
            for (String name : names == null ? new String[0] : names.split(" ", -1)) {
                if (!name.contains(":")) {
                    named.add(jar.resolveSibling(name));
                }
            }
            return named;
        } catch (IOException e) {
            // the worker's Java runtime will report this file with a better message
            return List.of();
        }
    }
}
