package io.hipache.config.environment;

import io.hipache.config.json.NearestKey;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The names of the environment variables of all keys. They follow from the paths of the keys by one rule. */
public final class KeyVariables {
    static final String PREFIX = "HIPACHE_";
    /** Behind the variable of a secret: names a file that holds the secret. */
    private static final String FILE = "_FILE";

    private final Map<String, String> paths = new LinkedHashMap<>();
    private final Map<String, String> pathsOfFiles = new LinkedHashMap<>();

    /**
     * @param keys the paths of all keys, such as {@code server.port}
     * @param secrets those of them that hold a secret, whose value may be in a file
     */
    public KeyVariables(Collection<String> keys, Set<String> secrets) {
        keys.forEach(path -> paths.put(nameOf(path), path));
        // a key of this name, such as server.admin.tokenFile, means the same and comes first
        secrets.stream()
                .filter(path -> !paths.containsKey(nameOf(path) + FILE))
                .forEach(path -> pathsOfFiles.put(nameOf(path) + FILE, path));
    }

    /**
     * An underscore stands for each dot, and before each capital letter that follows a small letter or a digit:
     * {@code server.deadBackendTTL} is {@code HIPACHE_SERVER_DEAD_BACKEND_TTL}.
     */
    public static String nameOf(String path) {
        return PREFIX
                + path.replace('.', '_')
                        .replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_")
                        .toUpperCase(Locale.ROOT);
    }

    /** The path of each key that has a variable. */
    public Collection<String> paths() {
        return List.copyOf(paths.values());
    }

    /** The variables that name files with secrets. */
    public Set<String> namesOfFiles() {
        return Set.copyOf(pathsOfFiles.keySet());
    }

    /** The path of the key whose value this variable holds. */
    Optional<String> path(String variable) {
        return Optional.ofNullable(paths.get(variable));
    }

    /** The path of the key whose value is in the file that this variable names. */
    Optional<String> pathOfFile(String variable) {
        return Optional.ofNullable(pathsOfFiles.get(variable));
    }

    /** The known variable that is most like one that is not known. */
    Optional<String> nearest(String variable) {
        String withoutFile = variable.endsWith(FILE) ? variable.substring(0, variable.length() - FILE.length()) : "";
        if (paths.containsKey(withoutFile)) {
            return Optional.of(withoutFile);
        }
        Optional<String> nearest = NearestKey.amongVariables(PREFIX, variable, paths.keySet());
        return nearest.isPresent() ? nearest : NearestKey.amongVariables(PREFIX, variable, pathsOfFiles.keySet());
    }
}
