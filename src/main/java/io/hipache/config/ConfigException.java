package io.hipache.config;

import java.util.List;

/** Says that a configuration cannot be used, and lists all of its problems. It never carries a secret. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;
    private final transient List<String> warnings;

    ConfigException(String problem) {
        this(List.of(problem), List.of());
    }

    ConfigException(List<String> problems, List<String> warnings) {
        super(String.join("\n", problems), null, false, false);
        this.problems = List.copyOf(problems);
        this.warnings = List.copyOf(warnings);
    }

    /** One line each, beginning with the path of the key where there is one. */
    public List<String> problems() {
        return problems;
    }

    /** One line each. A warning often explains a problem: the misspelled key beside the one that is missing. */
    public List<String> warnings() {
        return warnings;
    }
}
