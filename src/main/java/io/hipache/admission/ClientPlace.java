package io.hipache.admission;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import org.jspecify.annotations.Nullable;

/**
 * The place of one client's connection among all of a worker. Whoever serves the connection says here when it is busy and
 * when it is idle, for an idle connection has to leave when there is no place for another. Confined to the event loop.
 */
public final class ClientPlace {
    private static final AttributeKey<ClientPlace> KEY = AttributeKey.valueOf(ClientPlace.class, "place");

    private final @Nullable ClientPlaces all;
    private final Channel channel;
    /** The address that it counts for, null for one that is not counted. */
    final @Nullable Object origin;

    private Runnable leave;
    private boolean idle;
    private boolean over;
    private int held;

    // its neighbours in the list that it is in
    @Nullable
    PlaceList list;

    @Nullable
    ClientPlace before;

    @Nullable
    ClientPlace after;

    ClientPlace(@Nullable ClientPlaces all, Channel channel, @Nullable Object origin) {
        this.all = all;
        this.channel = channel;
        this.origin = origin;
        this.leave = channel::close;
    }

    /** The place of an accepted connection. One that nobody counts has a place that nobody asks for. */
    public static ClientPlace of(Channel channel) {
        ClientPlace place = channel.attr(KEY).get();
        return place == null ? new ClientPlace(null, channel, null) : place;
    }

    void begin() {
        channel.attr(KEY).set(this);
        channel.closeFuture().addListener(closed -> end());
        idle();
    }

    /** From now on {@code action} ends the connection when its place is needed; it is idle then. */
    public void whenNeeded(Runnable action) {
        leave = action;
    }

    /** A request is under way. */
    public void busy() {
        idle = false;
        if (list != null) {
            list.remove(this);
        }
    }

    /** Nothing is under way, or a request has only begun to arrive: the place can be given to somebody else. */
    public void idle() {
        idle = true;
        enlist();
    }

    /** So many bytes of requests that are not complete are in memory for it. */
    public void holds(int bytes) {
        if (bytes == held || over || all == null) {
            return;
        }
        int had = held;
        held = bytes;
        if (idle && (had == 0 || bytes == 0)) {
            enlist();
        }
        all.holds(bytes - had);
    }

    private void enlist() {
        if (list != null) {
            list.remove(this);
        }
        if (!over && all != null) {
            all.listFor(held).add(this);
        }
    }

    int held() {
        return held;
    }

    Channel channel() {
        return channel;
    }

    /** Gives the place up. A second call does nothing. */
    void end() {
        if (over || all == null) {
            return;
        }
        over = true;
        busy();
        all.ended(this);
    }

    /** Ends the connection, for its place is needed. */
    void leave() {
        end();
        leave.run();
    }
}
