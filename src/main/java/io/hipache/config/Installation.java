package io.hipache.config;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The folder of the program's own files: a source tree, or {@code lib/hipache} under a prefix.
 *
 * @param home the folder that holds {@code static-errors/}
 */
public record Installation(Path home) {

    /**
     * Takes the folder from {@code hipache.home}, which the launcher sets; else the nearest folder above the program
     * that has error pages.
     */
    public static Installation find() {
        String told = System.getProperty("hipache.home");
        return new Installation(told == null ? nearTheProgram() : Path.of(told).toAbsolutePath());
    }

    /** The default folder of the error pages. {@code server.staticDir} names another one. */
    public Path staticErrors() {
        return home.resolve("static-errors");
    }

    /**
     * The configuration file to read when the command line names none.
     *
     * @param flavor the value of {@code SETTINGS_FLAVOR}, null when it is not set
     */
    public Path configFile(@Nullable String flavor) {
        // an installed program keeps its configuration under etc/, where the installation of a new version does not
        // touch it
        Path etc = home.resolve("etc");
        Path folder = Files.isDirectory(etc) ? named(etc) : home;
        boolean plain = flavor == null || flavor.isEmpty();
        return folder.resolve(plain ? "config.json" : "config_" + flavor + ".json");
    }

    /**
     * A page as an administrator finds it: an installed program names the folder, {@code share/doc/hipache} of its prefix.
     *
     * @param page the page in a source tree, {@code docs/reasons.md} for example
     */
    public String page(String page) {
        Path documentation = home.resolve("../../share/doc/hipache").normalize();
        boolean apart = !Files.isDirectory(home.resolve("docs")) && Files.isDirectory(documentation.resolve("docs"));
        return apart ? documentation + "/" + page : page;
    }

    /** The jar of the program, the first entry of the class path. Empty where the classes lie in folders, as in tests. */
    public static Optional<Path> programJar() {
        Path first = Path.of(System.getProperty("java.class.path", "").split(":", 2)[0])
                .toAbsolutePath();
        return Files.isRegularFile(first) ? Optional.of(first) : Optional.empty();
    }

    /** Where the installation has a link, messages name the folder that administrators know, such as {@code /etc/hipache}. */
    private static Path named(Path folder) {
        try {
            return Files.isSymbolicLink(folder)
                    ? folder.resolveSibling(Files.readSymbolicLink(folder)).normalize()
                    : folder;
        } catch (IOException e) {
            return folder;
        }
    }

    private static Path nearTheProgram() {
        CodeSource source = Installation.class.getProtectionDomain().getCodeSource();
        try {
            Path folder = source == null ? null : Path.of(source.getLocation().toURI());
            while (folder != null && !Files.isDirectory(folder.resolve("static-errors"))) {
                folder = folder.getParent();
            }
            return folder == null ? Path.of("").toAbsolutePath() : folder;
        } catch (URISyntaxException e) {
            return Path.of("").toAbsolutePath();
        }
    }
}
