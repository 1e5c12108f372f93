package io.hipache.supervisor.upgrade;

import java.util.List;

/**
 * Says which supervisor this one takes over from, and how its own successor is started.
 *
 * @param successor the command that starts the then installed version, without {@value #OPTION} and the process id; empty
 *     when this program cannot start a successor
 * @param predecessor process id of the supervisor to take over from, {@link #NOBODY} when there is none
 */
public record Succession(List<String> successor, long predecessor) {
    /** The option that names the predecessor. */
    public static final String OPTION = "--upgrade";

    public static final long NOBODY = 0;

    /** No predecessor, and no command for a successor. */
    public static final Succession NONE = new Succession(List.of(), NOBODY);

    public Succession {
        successor = List.copyOf(successor);
    }
}
