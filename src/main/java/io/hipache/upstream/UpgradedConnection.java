package io.hipache.upstream;

import io.hipache.net.ReadGate;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;

/** A connection whose backend has switched protocols (RFC 9110 §7.8). Confined to the event loop. */
public interface UpgradedConnection {
    Channel channel();

    ReadGate gate();

    /**
     * Takes HTTP out of the way. {@code last} gets every byte behind the head of the {@code 101} and all events; the pool
     * counts the connection until it closes.
     */
    void switchTo(ChannelHandler last);

    /** Closes the connection. */
    void discard();
}
