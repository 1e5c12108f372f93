package io.hipache.supervisor.slots;

import io.hipache.supervisor.common.SupervisorThread;

/** Receives the progress of one reload. Called on the {@link SupervisorThread}. */
public interface ReloadListener {
    /** The workers have been told to follow the new configuration, which all of them have prepared. */
    void switched();

    /** The reload is over. Without {@link #switched} before, nothing has changed. */
    void ended(ReloadEnd end);
}
