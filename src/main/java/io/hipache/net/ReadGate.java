package io.hipache.net;

import io.netty.channel.Channel;
import java.util.EnumSet;
import java.util.Set;

/**
 * Holds the reasons to stop reading from one channel; it is read while there are none. The only caller of
 * {@code setAutoRead} on the data path. Confined to the channel's event loop.
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

    private final Channel channel;
    private final Set<Reason> reasons = EnumSet.noneOf(Reason.class);

    public ReadGate(Channel channel) {
        this.channel = channel;
    }

    public void pause(Reason reason) {
        assert channel.eventLoop().inEventLoop();
        if (reasons.add(reason) && reasons.size() == 1) {
            channel.config().setAutoRead(false);
        }
    }

    public void resume(Reason reason) {
        assert channel.eventLoop().inEventLoop();
        if (reasons.remove(reason) && reasons.isEmpty()) {
            channel.config().setAutoRead(true);
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
