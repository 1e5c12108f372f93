package io.hipache.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The files and folders that the configurations of the documentation name, below another root. */
final class FilesOfExamples {
    private FilesOfExamples() {}

    /** Makes the files below {@code root}. Returns the text with paths of {@code /etc} and others below it. */
    static String in(Path root, String text) throws IOException {
        for (String name : List.of("ssl", "www", "intermediate")) {
            copy(Loading.KEY, root.resolve("etc/ssl/" + name + ".key"));
            copy(Loading.CERT, root.resolve("etc/ssl/" + name + ".crt"));
        }
        copy(Loading.KEY, root.resolve("etc/hipache/certificates/www.example.com.key"));
        copy(Loading.CERT, root.resolve("etc/hipache/certificates/www.example.com.crt"));
        Files.createDirectories(root.resolve("etc/hipache/pages"));
        Files.writeString(root.resolve("etc/hipache/admin.token"), "secret\n");
        return text.replace("\"/etc/", '"' + root.toString() + "/etc/");
    }

    private static void copy(String file, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        if (!Files.exists(to)) {
            Files.copy(Path.of(file), to);
        }
    }
}
