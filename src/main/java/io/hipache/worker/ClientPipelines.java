package io.hipache.worker;

import io.hipache.admission.Admission;
import io.hipache.config.HipacheConfig;
import io.hipache.figures.Expiry;
import io.hipache.link.WorkerMessage;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.routing.Driver.DeadBackend;
import io.hipache.routing.Driver.Marking;
import io.hipache.worker.report.Meter;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoopGroup;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Builds what a worker serves behind its listeners: the proxy, and in some tests a stand-in. */
@FunctionalInterface
public interface ClientPipelines {

    /**
     * Builds the pipelines with which the worker starts. Called once, before the worker accepts, and not on the event loop.
     *
     * @param loop a group of one event loop, on which everything runs
     * @param ends takes the end of every request, on the event loop
     * @param admission says what the worker lets in
     * @throws IllegalArgumentException when the configuration cannot be used, with a message for the administrator
     */
    Served build(HipacheConfig config, EventLoopGroup loop, Consumer<ExchangeEnd> ends, Admission admission);

    /**
     * Builds the pipelines of another configuration beside those that serve. The other arguments are those of {@link #build}.
     * Not called on the event loop, and by one thread at a time. May block for seconds, and until it is interrupted. Whoever
     * calls it has the result {@link Served#follow followed} or {@link Served#discard discarded}.
     *
     * @throws IllegalArgumentException when the configuration cannot be used, with a message for the administrator
     */
    default Served prepare(HipacheConfig config, EventLoopGroup loop, Consumer<ExchangeEnd> ends, Admission admission)
            throws InterruptedException {
        return build(config, loop, ends, admission);
    }

    /**
     * Uses these keys for TLS session tickets, now and in what is built later. Where there is a TLS listener, this is called
     * before {@link #build} or {@link #prepare}, and each time that the keys change. Any thread may call it.
     *
     * @param keys 48 bytes each; the first key encrypts, all keys decrypt
     */
    default void useTicketKeys(ByteBuffer keys) {}

    /** Other workers serve meanwhile, so {@link #build} may take longer and warm up more. Called before it. */
    default void othersServe() {}

    /**
     * Says who is to hear of each backend that dies while the store is away: the host in whose dead set it belongs, and its
     * entry. Called once, before {@link #build}. The other workers are told so, see {@link #backendDied}.
     */
    default void tellDeaths(BiConsumer<String, String> others) {}

    /** Another worker has told of a death while the store is away. Called on the event loop. */
    default void backendDied(String deadHost, String entry) {}

    /** Says who takes what is learned of the store, where the configuration wants that. Called once, before {@link #build}. */
    default void tellLearned(LearnedSink supervisor) {}

    /** Takes what others have learned of a store. Called before {@link #build}, and then on the event loop. */
    default void restore(WorkerMessage.Known known) {}

    /** Says who is to hear what became of each backend that should be marked dead. Called once, before {@link #build}. */
    default void tellMarks(BiConsumer<DeadBackend, Marking> figures) {}

    /** Tells how the store, the backends and TLS are, and what they have counted. Called on the event loop. */
    default void measure(Meter meter) {}

    /** The certificates that clients may be shown, those first that end first. Called on the event loop. */
    default List<Expiry> expiries() {
        return List.of();
    }

    /** How many requests have begun, under all configurations. Called on the event loop. */
    default long requests() {
        return 0;
    }

    /** How many connections to backends are open or connecting, under all configurations. Called on the event loop. */
    default int upstreamSockets() {
        return 0;
    }

    /** Whether every server of the store in force is connected and logged in to. Called on the event loop. */
    default boolean isStoreUsable() {
        return true;
    }

    /** The pipelines of all listeners of one configuration. Immutable. */
    @FunctionalInterface
    interface Served {

        /** The handler that equips each accepted connection of {@code listener}. It must be sharable. */
        ChannelHandler pipeline(HipacheConfig.Listener listener);

        /** Why the store could not be read from when this was built, in one line; empty when it could. */
        default String storeProblem() {
            return "";
        }

        /**
         * Each request that begins from now on belongs to this configuration, whichever pipeline its connection has. Called
         * on the event loop.
         */
        default void follow() {}

        /** Frees what was built and will never be followed. Any thread may call it. */
        default void discard() {}
    }
}
