package io.hipache.cli.program;

import io.hipache.supervisor.SupervisorRequest;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the program that a command is about. */
final class Supervisors {

    private Supervisors() {}

    /**
     * The process id of the supervisor that is meant.
     *
     * @param named null when there should be only one
     */
    static long chosen(@Nullable Long named) throws IOException {
        List<Long> running = SupervisorRequest.supervisors();
        if (named != null) {
            if (!running.contains(named)) {
                throw new IOException("process " + named + " is no supervisor of Hipache that this user can ask");
            }
            return named;
        }
        return only(running);
    }

    private static long only(List<Long> running) throws IOException {
        if (running.isEmpty()) {
            throw new IOException("no Hipache is running that this user can ask");
        }
        if (running.size() > 1) {
            throw new IOException("more than one Hipache is running, say which one: "
                    + String.join(", ", running.stream().map(String::valueOf).toList()));
        }
        return running.get(0);
    }
}
