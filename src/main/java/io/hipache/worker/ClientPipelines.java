package io.hipache.worker;

import io.hipache.admission.Admission;
import io.hipache.config.HipacheConfig;
import io.hipache.outcome.ExchangeEnd;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoopGroup;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Builds what a worker serves behind its listeners: the proxy, and in some tests a stand-in. */
@FunctionalInterface
public interface ClientPipelines {

    /**
     * Builds the pipelines. Called once, before the worker accepts, and not on the event loop.
     *
     * @param loop a group of one event loop, on which everything runs
     * @param ends takes the end of every request, on the event loop
     * @param admission says what the worker lets in
     * @throws IllegalArgumentException when the configuration cannot be used, with a message for the administrator
     */
    Served build(HipacheConfig config, EventLoopGroup loop, Consumer<ExchangeEnd> ends, Admission admission);

    /**
     * Uses these keys for TLS session tickets. Where there is a TLS listener, this is called once before
     * {@link #build}, and on the event loop each time that the keys change.
     *
     * @param keys 48 bytes each; the first key encrypts, all keys decrypt
     */
    default void useTicketKeys(ByteBuffer keys) {}

    /** The pipelines of all listeners, and the figures of what they serve. Used on the event loop. */
    @FunctionalInterface
    interface Served {

        /** The handler that equips each accepted connection of {@code listener}. It must be sharable. */
        ChannelHandler pipeline(HipacheConfig.Listener listener);

        /** How many requests have begun. */
        default long requests() {
            return 0;
        }

        /** How many connections to backends are open or connecting. */
        default int upstreamSockets() {
            return 0;
        }
    }
}
