package io.hipache.admission;

import io.netty.channel.Channel;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The connections of clients that are in: how many, how many from each address, and which have been idle for longest.
 * Where a limit is reached, the longest idle connection leaves before a new one is refused. Confined to the event loop.
 */
final class ClientPlaces {
    /** How many of the longest idle connections are looked at for one of a given address: a look at all would take too long. */
    private static final int LOOKED_AT = 64;

    private AdmissionLimits limits;
    private final Refusals refusals;
    private Predicate<InetAddress> exempt;
    private final Map<Object, Integer> origins = new HashMap<>();
    /** Between requests. */
    private final PlaceList quiet = new PlaceList();
    /** With a part of a request head. */
    private final PlaceList unfinished = new PlaceList();

    private int size;
    private long held;

    ClientPlaces(AdmissionLimits limits, Refusals refusals, Predicate<InetAddress> exempt) {
        this.limits = limits;
        this.refusals = refusals;
        this.exempt = exempt;
    }

    /** Goes by other limits from now on. A connection that counts for its address counts until it ends. */
    void follow(AdmissionLimits others, Predicate<InetAddress> exemptNow) {
        limits = others;
        exempt = exemptNow;
    }

    @Nullable
    ClientPlace admit(Channel client, @Nullable InetAddress address) {
        Object origin = address == null || exempt.test(address) ? null : origin(address);
        if (origin != null && count(origin) >= limits.connectionsPerAddress()) {
            ClientPlace idle = longestIdle(origin);
            if (idle == null) {
                refusals.count(Limit.CONNECTIONS_PER_ADDRESS, address);
                return null;
            }
            makeWay(idle);
        }
        if (size >= limits.connections()) {
            ClientPlace idle = quiet.first() == null ? unfinished.first() : quiet.first();
            if (idle == null) {
                refusals.count(Limit.CONNECTIONS, address);
                return null;
            }
            makeWay(idle);
        }
        size++;
        if (origin != null) {
            origins.put(origin, count(origin) + 1);
        }
        ClientPlace place = new ClientPlace(this, client, origin);
        place.begin();
        return place;
    }

    private void makeWay(ClientPlace idle) {
        refusals.count(Limit.IDLE_CONNECTIONS, idle.channel().remoteAddress());
        idle.leave();
    }

    /** Whoever has an IPv6 address has a network of 64 bits, with as many addresses as it likes. */
    private static Object origin(InetAddress address) {
        return address instanceof Inet6Address
                ? (Object) ByteBuffer.wrap(address.getAddress()).getLong()
                : address;
    }

    private int count(Object origin) {
        return origins.getOrDefault(origin, 0);
    }

    private @Nullable ClientPlace longestIdle(Object origin) {
        ClientPlace found = longestIdle(quiet, origin);
        return found == null ? longestIdle(unfinished, origin) : found;
    }

    private static @Nullable ClientPlace longestIdle(PlaceList list, Object origin) {
        ClientPlace place = list.first();
        for (int i = 0; i < LOOKED_AT && place != null; i++) {
            if (origin.equals(place.origin)) {
                return place;
            }
            place = place.after;
        }
        return null;
    }

    PlaceList listFor(int heldBytes) {
        return heldBytes == 0 ? quiet : unfinished;
    }

    void holds(int change) {
        held += change;
        if (change > 0) {
            makesRoomFor(0);
        }
    }

    /** Whether {@code bytes} more may be held. Heads that are not complete make room first, the oldest before the others. */
    boolean makesRoomFor(int bytes) {
        ClientPlace oldest = unfinished.first();
        while (held > limits.headBytes() - bytes && oldest != null) {
            refusals.count(Limit.HEAD_BYTES, oldest.channel().remoteAddress());
            oldest.leave();
            oldest = unfinished.first();
        }
        return held <= limits.headBytes() - bytes;
    }

    /** So many more bytes are held by requests under way; fewer when the number is negative. */
    void requestHolds(int change) {
        held += change;
    }

    void ended(ClientPlace place) {
        size--;
        held -= place.held();
        if (place.origin != null) {
            int left = count(place.origin) - 1;
            if (left > 0) {
                origins.put(place.origin, left);
            } else {
                origins.remove(place.origin);
            }
        }
    }

    int size() {
        return size;
    }

    long held() {
        return held;
    }
}
