package io.hipache.admission;

import io.netty.channel.Channel;
import java.net.InetAddress;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The one place of a worker that says whether a connection, a request, a waiting request or more bytes may come in, and
 * counts what is in and what was refused. Whoever is let in says so when it ends. Confined to the event loop.
 */
public final class Admission {
    private AdmissionLimits limits;
    private final Refusals refusals;
    private final ClientPlaces places;
    /** What ends that a client is not read. */
    private final Set<Runnable> heldBack = new LinkedHashSet<>();

    private int requests;
    private long bodyBytes;

    public Admission(AdmissionLimits limits) {
        this(limits, address -> false);
    }

    /** @param exempt the addresses from which any number of connections may come */
    public Admission(AdmissionLimits limits, Predicate<InetAddress> exempt) {
        this(limits, exempt, System::nanoTime);
    }

    Admission(AdmissionLimits limits, Predicate<InetAddress> exempt, LongSupplier nanoClock) {
        this.limits = limits;
        this.refusals = new Refusals(nanoClock);
        this.places = new ClientPlaces(limits, refusals, exempt);
    }

    /**
     * Goes by other limits from now on. What is in stays in, also where it is more than these limits allow.
     *
     * @param exempt the addresses from which any number of connections may come
     */
    public void follow(AdmissionLimits others, Predicate<InetAddress> exempt) {
        limits = others;
        places.follow(others, exempt);
        readOn();
    }

    /**
     * Lets a client's connection in until it closes, or refuses it. A connection that has been idle leaves for it.
     *
     * @return null when the connection is refused
     */
    public @Nullable ClientPlace admitConnection(Channel client, @Nullable InetAddress address) {
        return places.admit(client, address);
    }

    /**
     * Lets a request in, or refuses it; {@link #requestEnded} follows only the first.
     *
     * @param headBytes how much memory its head takes
     */
    public boolean admitRequest(int headBytes, @Nullable Object client) {
        if (requests >= limits.requests()) {
            refusals.count(Limit.REQUESTS, client);
            return false;
        }
        if (!places.makesRoomFor(headBytes)) {
            refusals.count(Limit.HEAD_BYTES, client);
            return false;
        }
        requests++;
        places.requestHolds(headBytes);
        return true;
    }

    public void requestEnded(int headBytes) {
        requests--;
        places.requestHolds(-headBytes);
    }

    /** Whether an HTTP/2 connection may have one more stream; {@code open} counts the others. */
    public boolean admitsStream(int open) {
        return open < limits.streams();
    }

    /** How many bytes of request bodies an HTTP/2 connection may have under way. */
    public int http2Bytes() {
        return limits.http2Bytes();
    }

    /** Whether one more request may wait for a backend whose sockets are all in use; {@code waiting} do already. */
    public boolean admitsWaiting(int waiting) {
        return waiting < limits.waitingPerBackend();
    }

    /** Whether one more socket of a backend may be, or become, a tunnel; {@code tunnels} are already. */
    public boolean admitsTunnel(int tunnels) {
        return tunnels < limits.tunnelsPerBackend();
    }

    /** A request to a backend was refused, because {@link #admitsWaiting} said no. */
    public void waitingRefused(Object backend) {
        refusals.count(Limit.WAITING, "backend " + backend);
    }

    /** A request to a backend was refused, because {@link #admitsTunnel} said no. */
    public void tunnelRefused(Object backend) {
        refusals.count(Limit.TUNNELS, "backend " + backend);
    }

    /** Whether more bytes of request bodies may be kept. */
    public boolean admitsBodyBytes() {
        return bodyBytes < limits.bodyBytes();
    }

    /** Nothing more of a body is read for now, because no more bytes may be kept. */
    public void bodyHeldBack(@Nullable Object client) {
        refusals.count(Limit.BODY_BYTES, client);
    }

    /** As {@link #bodyHeldBack}; runs {@code reading} as soon as more bytes may be kept, unless {@link #letGo} is called before. */
    public void holdBack(Runnable reading, Object client) {
        if (heldBack.add(reading)) {
            bodyHeldBack(client);
        }
    }

    /** Nothing has to be run any more. */
    public void letGo(Runnable reading) {
        heldBack.remove(reading);
    }

    /** So many more bytes of request bodies are kept; fewer when the number is negative. */
    public void bodyBytesKept(long change) {
        bodyBytes += change;
        if (change < 0) {
            readOn();
        }
    }

    private void readOn() {
        while (admitsBodyBytes() && !heldBack.isEmpty()) {
            Iterator<Runnable> first = heldBack.iterator();
            Runnable reading = first.next();
            first.remove();
            reading.run();
        }
    }

    /** Whether a body of which so many bytes came in so many nanoseconds is fast enough. */
    public boolean admitsBodyRate(long bytes, long nanos) {
        return bytes >= limits.bodyRate() * (nanos / 1e9);
    }

    /** A request ends because its body is too slow. */
    public void bodyTooSlow(@Nullable Object client) {
        refusals.count(Limit.BODY_RATE, client);
    }

    /** A connection ends because there was no memory for it. */
    public void outOfMemory(@Nullable Object whose) {
        refusals.count(Limit.MEMORY, whose);
    }

    /** Connections of clients that are open. */
    public int connections() {
        return places.size();
    }

    /** Requests under way. */
    public int requests() {
        return requests;
    }

    /** Bytes of request bodies that are kept. */
    public long bodyBytes() {
        return bodyBytes;
    }

    /** Bytes of request heads: those that are not complete, and those of requests under way. */
    public long headBytes() {
        return places.held();
    }

    /** How often a limit was in the way since the worker began. */
    public long refused(Limit limit) {
        return refusals.count(limit);
    }

    /** What was refused since the worker began, such as {@code 3 connections}; empty for nothing. */
    public String refused() {
        return refusals.summary();
    }
}
