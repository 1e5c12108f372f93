package io.hipache.routing;

/** What happens to one more request for a backend. */
public enum Room {
    /** The request gets a socket at once. */
    SOCKET(0),
    /** The request waits until a socket is free. */
    QUEUE(1),
    /** The request is refused. */
    NONE(2);

    private final int rank;

    Room(int rank) {
        this.rank = rank;
    }

    /** The lower, the better. */
    int rank() {
        return rank;
    }
}
