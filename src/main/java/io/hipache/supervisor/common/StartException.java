package io.hipache.supervisor.common;

import java.util.List;

/** The supervisor cannot start. Every problem is one line for the administrator. */
public final class StartException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    public StartException(List<String> problems) {
        super(String.join("; ", problems));
        this.problems = List.copyOf(problems);
    }

    public List<String> problems() {
        return problems;
    }
}
