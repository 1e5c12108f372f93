package io.hipache.worker;

import io.hipache.admission.Admission;
import io.hipache.config.HipacheConfig;
import io.hipache.outcome.ExchangeEnd;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoopGroup;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Builds what is behind the listeners of a worker. */
@FunctionalInterface
public interface ClientPipelines {

    /**
     * Called once, before anything is accepted, and not on the event loop.
     *
     * @param loop a group of one event loop, for everything
     * @param ends is told the end of every request, on the event loop
     * @param admission of the whole worker
     * @return for each listener the handler that equips an accepted connection
     * @throws IllegalArgumentException with a message for the administrator, when the configuration cannot be used
     */
    Served build(HipacheConfig config, EventLoopGroup loop, Consumer<ExchangeEnd> ends, Admission admission);

    /**
     * Has session tickets made and read with these keys: called before {@link #build}, when there is a TLS listener, and
     * on the event loop each time that they change.
     *
     * @param keys of 48 bytes each; the first encrypts, all of them decrypt
     */
    default void useTicketKeys(ByteBuffer keys) {}

    /** The pipelines of all listeners, and what they have done until now. Asked on the event loop. */
    @FunctionalInterface
    interface Served {

        /** The handler that equips each accepted connection of {@code listener}. It must be sharable. */
        ChannelHandler pipeline(HipacheConfig.Listener listener);

        /** Requests begun until now. */
        default long requests() {
            return 0;
        }

        /** Connections to backends that are open or connecting. */
        default int upstreamSockets() {
            return 0;
        }
    }
}
