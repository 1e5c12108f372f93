package io.hipache.checker;

/** Hears what the active checks of this process have marked. */
public interface Findings {

    /** For those who do not want to know. */
    Findings IGNORED = (frontend, url, dead) -> {};

    /**
     * A backend is marked, or is so still, or answers again. On the thread of the checks.
     *
     * @param frontend whose list has the backend
     * @param url of the backend, as the access log shows it
     * @param dead whether it is marked
     */
    void found(String frontend, String url, boolean dead);
}
