package io.hipache.proxy.http2;

import io.hipache.admission.ClientPlace;
import io.hipache.http.RequestHead;
import io.hipache.http2.ClientStream;
import io.hipache.http2.ConnectionListener;
import io.hipache.http2.FrameHandler;
import io.hipache.http2.FrameHandlers;
import io.hipache.http2.StreamListener;
import io.hipache.net.Inactivity;
import io.hipache.net.InactivityTimer;
import io.hipache.outcome.EndReason;
import io.hipache.proxy.exchange.ClientIdentity;
import io.hipache.proxy.exchange.ProxyServices;
import io.hipache.proxy.exchange.ProxySettings;
import io.hipache.proxy.exchange.UnreadableRequest;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a client that speaks HTTP/2. It gives each stream its {@link Http2ClientStream}, and notices with one
 * timer for all of them on which streams nothing has happened for {@code tcpTimeout}. Confined to the event loop.
 */
public final class Http2ClientConnection implements ConnectionListener, Runnable {
    private final ProxyServices services;
    private final ClientIdentity identity;
    private final EventExecutor loop;
    private final long timeoutNanos;
    private final ClientPlace place;
    private @Nullable FrameHandler connection;
    /** Since the client has ended its output. */
    private @Nullable InactivityTimer presence;

    private @Nullable Future<?> scheduled;
    private int open;
    private long idleSince;
    /** The shortest time that a stream has left, while {@link #run} samples them. */
    private long left;
    /** Once the connection is ending: whether the client fetches what was written. */
    private @Nullable Inactivity farewell;

    private Http2ClientConnection(
            ProxyServices services, ClientIdentity identity, EventExecutor loop, ClientPlace place) {
        this.services = services;
        this.identity = identity;
        this.loop = loop;
        this.place = place;
        this.timeoutNanos = services.settings().tcpTimeout().toNanos();
        this.idleSince = now();
    }

    /** Adds the handler that serves a client to its channel, behind TLS. */
    public static void serve(ProxyServices services, Channel channel, ClientIdentity identity) {
        Http2ClientConnection client =
                new Http2ClientConnection(services, identity, channel.eventLoop(), ClientPlace.of(channel));
        FrameHandler handler = FrameHandlers.create(client, services.nanoClock());
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        channel.pipeline().addLast(handler);
        client.watch(handler);
    }

    /** Begins to watch for idleness: a client that never says what it wants is idle. */
    private void watch(FrameHandler handler) {
        connection = handler;
        place.whenNeeded(handler::giveWay);
        if (timeoutNanos > 0) {
            schedule(timeoutNanos);
        }
    }

    @Override
    public StreamListener requested(ClientStream stream, RequestHead head) {
        open++;
        place.busy();
        return new Http2ClientStream(services, this, stream, identity, head);
    }

    @Override
    public boolean admitsStream(int others) {
        return services.admission().admitsStream(others);
    }

    @Override
    public void requestRefused(Refusal refusal) {
        services.ends()
                .accept(
                        switch (refusal) {
                            case MALFORMED -> UnreadableRequest.end(identity, 0, EndReason.MALFORMED_REQUEST, 0);
                            case HEAD_TOO_LARGE -> UnreadableRequest.end(identity, 431, EndReason.HEAD_TOO_LARGE, 0);
                            case TOO_MANY_STREAMS -> UnreadableRequest.end(identity, 0, EndReason.LIMIT_REQUESTS, 0);
                        });
    }

    @Override
    public void streamClosed(int stillOpen) {
        open = stillOpen;
        if (stillOpen == 0) {
            place.idle();
        }
        idleSince = now();
    }

    @Override
    public void responsesRead() {
        idleSince = now();
    }

    @Override
    public void inputEnded() {
        if (connection != null) {
            presence = new InactivityTimer(
                    loop, services.nanoClock(), ProxySettings.HALF_CLOSED, connection, this::presumeGone);
            presence.start();
        }
    }

    /** Something of an answer has moved on some stream. */
    void touch() {
        if (presence != null) {
            presence.touch();
        }
    }

    private void presumeGone() {
        // what the kernel does not take yet, tcpTimeout limits
        if (connection != null && open > 0 && connection.writeProgress() == 0) {
            connection.leave();
        }
    }

    @Override
    public int mostBodyBytes() {
        return services.admission().http2Bytes();
    }

    @Override
    public void bodyBytesKept(int change) {
        services.admission().bodyBytesKept(change);
    }

    @Override
    public boolean admitsBodyBytes() {
        return services.admission().admitsBodyBytes();
    }

    @Override
    public void heldBack(Runnable reading) {
        services.admission().holdBack(reading, identity.address());
    }

    @Override
    public void readOn(Runnable reading) {
        services.admission().letGo(reading);
    }

    @Override
    public void headBytesHeld(int bytes) {
        place.holds(bytes);
    }

    @Override
    public void outOfMemory() {
        services.admission().outOfMemory(identity.address());
    }

    @Override
    public void closed() {
        connection = null;
        if (presence != null) {
            presence.stop();
        }
        if (scheduled != null) {
            scheduled.cancel(false);
        }
    }

    @Override
    public void run() {
        FrameHandler watched = connection;
        if (watched == null) {
            return;
        }
        left = timeoutNanos / Inactivity.SAMPLES;
        if (watched.isEnding()) {
            if (isNotFetching(watched)) {
                // the end waits behind bytes that nobody fetches
                watched.cut();
                return;
            }
        } else if (open == 0) {
            long idle = idleSince + timeoutNanos - now();
            if (idle <= 0) {
                watched.endIdle();
            } else {
                left = idle;
            }
        } else {
            watched.forEachStream(stream -> sample((Http2ClientStream) stream.listener()));
        }
        schedule(left);
    }

    private boolean isNotFetching(FrameHandler ending) {
        if (farewell == null) {
            farewell = new Inactivity(services.nanoClock(), timeoutNanos, ending);
        }
        return farewell.sample() <= 0 && ending.writeProgress() != 0;
    }

    private void sample(Http2ClientStream client) {
        long more = client.sample();
        if (more <= 0) {
            client.timedOut();
        } else {
            left = Math.min(left, more);
        }
    }

    private void schedule(long nanos) {
        scheduled = loop.schedule(this, nanos, TimeUnit.NANOSECONDS);
    }

    private long now() {
        return services.nanoClock().getAsLong();
    }
}
