package io.hipache.config;

import java.util.List;

/** A configuration that cannot be used, with everything that is wrong with it; never carries a secret. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    ConfigException(List<String> problems) {
        super(String.join("\n", problems), null, false, false);
        this.problems = List.copyOf(problems);
    }

    /** One line each, in the order of the file, with the path of the key where there is one. */
    public List<String> problems() {
        return problems;
    }
}
