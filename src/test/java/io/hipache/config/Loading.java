package io.hipache.config;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.util.List;

/** A loader whose defaults do not depend on the machine: four processors, IPv6 up. */
final class Loading {
    static final Path STATIC_ERRORS = Path.of("static-errors").toAbsolutePath();
    static final String KEY = Path.of("src/test/resources/tls/ssl.key").toString();
    static final String CERT = Path.of("src/test/resources/tls/ssl.crt").toString();

    private Loading() {}

    static ConfigLoader loader() {
        return new ConfigLoader(STATIC_ERRORS, 4, true);
    }

    /** Single quotes stand for double ones. */
    static LoadedConfig load(String json) throws ConfigException {
        return loader().parse(json.replace('\'', '"'));
    }

    static HipacheConfig config(String json) throws ConfigException {
        return load(json).config();
    }

    static List<String> warnings(String json) throws ConfigException {
        return load(json).warnings();
    }

    static List<String> problems(String json) {
        return catchThrowableOfType(ConfigException.class, () -> load(json)).problems();
    }
}
