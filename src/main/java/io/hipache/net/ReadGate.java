package io.hipache.net;

import io.netty.channel.Channel;
import java.util.EnumSet;
import java.util.Set;

/**
 * Holds the reasons to stop reading from one channel, or one stream of it; it is read while there are none. The only
 * caller of {@code setAutoRead} on the data path. Confined to the channel's event loop.
 */
public final class ReadGate {

    /** Why a channel is not read. */
    public enum Reason {
        /** The other side of the relay does not take more bytes for now. */
        SINK_FULL,
        /** What was read already waits for its turn. */
        INBOX,
        /** Body bytes have nowhere to go yet: no backend is connected. */
        NO_BACKEND
    }

    /** What turns reading on and off. */
    @FunctionalInterface
    public interface Valve {
        void read(boolean on);
    }

    private final Channel channel;
    private final Valve valve;
    private final Set<Reason> reasons = EnumSet.noneOf(Reason.class);

    public ReadGate(Channel channel) {
        this(channel, channel.config()::setAutoRead);
    }

    /** For a part of what {@code channel} carries. */
    public ReadGate(Channel channel, Valve valve) {
        this.channel = channel;
        this.valve = valve;
    }

    public void pause(Reason reason) {
        assert channel.eventLoop().inEventLoop();
        if (reasons.add(reason) && reasons.size() == 1) {
            valve.read(false);
        }
    }

    public void resume(Reason reason) {
        assert channel.eventLoop().inEventLoop();
        // asked to read, epoll would complain of a channel that a failed write has just closed
        if (reasons.remove(reason) && reasons.isEmpty() && channel.isOpen()) {
            valve.read(true);
        }
    }

    /** Drops every reason. */
    public void open() {
        for (Reason reason : Reason.values()) {
            resume(reason);
        }
    }

    /** Whether nothing holds reading back. */
    public boolean isOpen() {
        return reasons.isEmpty();
    }
}
