package io.hipache.supervisor.upgrade;

import java.util.List;

/**
 * How one supervisor follows another without an end of service.
 *
 * @param successor the words that start the version installed by then, to which {@value #OPTION} and a process id are
 *     added; empty when this program cannot be followed
 * @param predecessor process id of the supervisor to follow, {@link #NOBODY} when there is none
 */
public record Succession(List<String> successor, long predecessor) {
    /** The option that names the predecessor. */
    public static final String OPTION = "--upgrade";

    public static final long NOBODY = 0;

    /** Follows nobody and is followed by nobody. */
    public static final Succession NONE = new Succession(List.of(), NOBODY);

    public Succession {
        successor = List.copyOf(successor);
    }
}
