package io.hipache.dev;

import java.io.IOException;
import java.nio.file.Path;
import redis.embedded.core.ExecutableProvider;

/** The program of Redis in a jar, which source trees and release archives have, and installations do not. */
final class EmbeddedProgram {
    private EmbeddedProgram() {}

    static boolean isThere() {
        try {
            Class.forName("redis.embedded.core.ExecutableProvider");
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    static Path unpackTo(Path folder) throws IOException {
        return ExecutableProvider.newJarResourceProvider(folder.toFile()).get().toPath();
    }
}
