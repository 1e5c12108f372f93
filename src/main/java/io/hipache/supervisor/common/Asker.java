package io.hipache.supervisor.common;

import java.util.List;

/** Receives what became of a reload or an upgrade that somebody has asked for. */
@FunctionalInterface
public interface Asker {
    /** A signal has asked, so nobody waits. */
    Asker SIGNAL = (complete, lines) -> {};

    /**
     * It is over.
     *
     * @param complete whether everything follows the configuration that was read, or the new program serves
     * @param lines what the log says as well
     */
    void ended(boolean complete, List<String> lines);
}
