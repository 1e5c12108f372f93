package io.hipache.routing;

/** What happens to one more request for a backend. */
public enum Room {
    /** The request gets a socket at once. */
    SOCKET(0),
    /** The request gets a socket as soon as one is closed that is kept for a client, who then has to log in again. */
    KEPT_SOCKET(1),
    /** The request waits until a socket is free. */
    QUEUE(2),
    /** The request is refused. */
    NONE(3);

    private final int rank;

    Room(int rank) {
        this.rank = rank;
    }

    /** The lower, the better. */
    int rank() {
        return rank;
    }
}
