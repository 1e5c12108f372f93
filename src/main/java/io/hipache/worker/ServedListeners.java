package io.hipache.worker;

import io.hipache.config.HipacheConfig;
import io.netty.channel.ChannelHandler;
import java.util.function.Function;

/**
 * For each listener the handler that equips an accepted connection, which must be sharable; and what came of them, to be
 * asked on the event loop.
 */
@FunctionalInterface
public interface ServedListeners extends Function<HipacheConfig.Listener, ChannelHandler> {

    /** Requests begun until now. */
    default long requests() {
        return 0;
    }

    /** Connections to backends that are open or connecting. */
    default int upstreamSockets() {
        return 0;
    }
}
