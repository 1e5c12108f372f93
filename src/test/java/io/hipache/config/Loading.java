package io.hipache.config;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A loader whose defaults do not depend on the machine: four processors, IPv6 up. */
final class Loading {
    static final Path STATIC_ERRORS = Path.of("static-errors").toAbsolutePath();
    static final String KEY = Path.of("src/test/resources/tls/ssl.key").toString();
    static final String CERT = Path.of("src/test/resources/tls/ssl.crt").toString();

    private Loading() {}

    static ConfigLoader loader() {
        return new ConfigLoader(STATIC_ERRORS, 4, true);
    }

    /** Reads the text as that of a file, with these environment variables. Single quotes stand for double ones. */
    static LoadedConfig load(String json, Map<String, String> environment) throws ConfigException {
        return new ConfigLoader(STATIC_ERRORS, 4, true, null, environment).parseFile(json.replace('\'', '"'));
    }

    static List<String> problems(String json, Map<String, String> environment) {
        return catchThrowableOfType(ConfigException.class, () -> load(json, environment))
                .problems();
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
