package io.hipache.config;

import io.hipache.config.address.DriverUrl;
import io.hipache.config.address.DriverUrls;
import io.hipache.config.json.Section;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the oldest keys for the store, from before Hipache 0.3: {@code redisHost}, {@code redisPort}, {@code
 * redisPassword} and {@code redisDatabase} for the server to read from, and the same with {@code redisMaster} for the
 * server to write to.
 */
final class LegacyKeys {
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:-]+");

    private final Section root;

    LegacyKeys(Section root) {
        this.root = root;
    }

    /** Empty when the file has none of these keys, or when {@code driver} takes their place. */
    List<DriverUrl> drivers(boolean superseded) {
        boolean master = isUsed("redisMaster");
        if (!isUsed("redis") && !master) {
            return List.of();
        }
        String path = firstUsed(master && !isUsed("redis") ? "redisMaster" : "redis");
        if (superseded) {
            root.findings().warning(path, "the redis… keys are deprecated, and ignored because \"driver\" is set");
            return List.of();
        }
        root.findings()
                .warning(
                        path,
                        "the redis… keys are deprecated, use \"driver\": [\"redis://:password@host:port/database\"]");
        DriverUrl reads = driver("redis");
        if (!master) {
            return List.of(reads);
        }
        if (!root.has("redisMasterHost")) {
            root.findings().warning(firstUsed("redisMaster"), "ignored without redisMasterHost");
            return List.of(reads);
        }
        return List.of(reads, driver("redisMaster"));
    }

    private DriverUrl driver(String stem) {
        String host = root.text(stem + "Host");
        if (host != null && !HOST.matcher(host).matches()) {
            root.findings().problem(stem + "Host", "expected the name or address of a host");
        }
        int port = root.port(stem + "Port", 1, DriverUrls.REDIS_PORT);
        int database = root.wholeNumber(stem + "Database", 0, 999_999_999, 0);
        return new DriverUrl(host == null ? "127.0.0.1" : host, port, password(stem + "Password"), database, "");
    }

    private @Nullable String password(String key) {
        String password = root.secretText(key);
        return password == null || password.isEmpty() ? null : password;
    }

    private boolean isUsed(String stem) {
        // this asks for every key, so that all of them count as known
        return keys(stem).filter(root::has).count() > 0;
    }

    private String firstUsed(String stem) {
        return keys(stem).filter(root::has).findFirst().orElse(stem);
    }

    private static Stream<String> keys(String stem) {
        return Stream.of("Host", "Port", "Password", "Database").map(stem::concat);
    }
}
