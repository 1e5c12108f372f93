package io.hipache.config;

import java.util.List;

/** A configuration that cannot be used, with everything that is wrong with it; never carries a secret. */
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

    /** One line each, in the order of the file, with the path of the key where there is one. */
    public List<String> problems() {
        return problems;
    }

    /** What a usable configuration would have been warned of; often the other half of a misspelling. */
    public List<String> warnings() {
        return warnings;
    }
}
