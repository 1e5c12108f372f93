package io.hipache.net;

import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import java.util.EnumSet;
import java.util.Set;

/**
 * Holds the reasons not to read from a channel, or from one stream of it. The channel is read while there are none. On
 * the data path this class alone calls {@code setAutoRead}. Confined to the channel's event loop.
 */
public final class ReadGate {

    /** A reason not to read a channel. */
    public enum Reason {
        /** The other side of the relay cannot take more bytes for now. */
        SINK_FULL,
        /** Bytes that were read earlier still wait. */
        INBOX,
        /** There is no connection to a backend yet, so the body has nowhere to go. */
        NO_BACKEND
    }

    /** Turns reading on and off. */
    @FunctionalInterface
    public interface Valve {
        void read(boolean on);
    }

    private final Channel channel;
    private final Valve valve;
    private final Set<Reason> reasons = EnumSet.noneOf(Reason.class);

    /** A gate for all that {@code channel} carries. */
    public ReadGate(Channel channel) {
        this(channel, channel.config()::setAutoRead);
    }

    /**
     * A gate for a part of what {@code channel} carries, such as one stream.
     *
     * @param valve turns the reading of this part on and off
     */
    public ReadGate(Channel channel, Valve valve) {
        this.channel = channel;
        this.valve = valve;
    }

    /** Stops reading for this reason. A reason that is there already changes nothing. */
    public void pause(Reason reason) {
        assert channel.eventLoop().inEventLoop();
        if (reasons.add(reason) && reasons.size() == 1) {
            valve.read(false);
        }
    }

    /** Removes this reason. Reading goes on when no reason is left. */
    public void resume(Reason reason) {
        assert channel.eventLoop().inEventLoop();
        // a failed write may just have closed the channel, and epoll would report an error when asked to read it
        // behind the end of the input there is nothing to read
        if (reasons.remove(reason) && reasons.isEmpty() && channel.isOpen() && !hasEnded()) {
            valve.read(true);
        }
    }

    private boolean hasEnded() {
        return channel instanceof DuplexChannel duplex && duplex.isInputShutdown();
    }

    /** Removes all reasons. */
    public void open() {
        if (!reasons.isEmpty()) {
            for (Reason reason : Reason.values()) {
                resume(reason);
            }
        }
    }

    /** Whether there is no reason not to read. */
    public boolean isOpen() {
        return reasons.isEmpty();
    }
}
