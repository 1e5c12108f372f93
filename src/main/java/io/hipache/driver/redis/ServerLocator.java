package io.hipache.driver.redis;

/**
 * Says which server a {@link RedisLink} connects to: always the same one, or the one that Sentinel names. Confined to the
 * event loop.
 */
public interface ServerLocator {

    /**
     * Finds the server for the next attempt to connect. Calls {@link Listener#found} or {@link Listener#notFound} once and
     * on the loop, perhaps before this method returns. After {@link #close} it calls neither.
     */
    void locate(Listener listener);

    /** Ends a search that is under way and closes its connections. */
    default void close() {}

    /** Receives what {@link #locate} finds. */
    interface Listener {
        void found(RedisAddress server);

        void notFound(Throwable failure);

        /** The server that was found last is the wrong one now. May be called any number of times after {@link #found}. */
        void moved();
    }

    /** For a server whose address never changes. */
    static ServerLocator fixed(RedisAddress server) {
        return listener -> listener.found(server);
    }
}
