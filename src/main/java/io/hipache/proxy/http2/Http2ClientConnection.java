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
import io.hipache.proxy.exchange.ClientServices;
import io.hipache.proxy.exchange.ProxyServices;
import io.hipache.proxy.exchange.ProxySettings;
import io.hipache.proxy.exchange.UnreadableRequest;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a client that speaks HTTP/2. It gives each stream its {@link Http2ClientStream}, and notices with one
 * timer for all of them on which streams nothing has happened for {@code tcpTimeout}. Confined to the event loop.
 */
public final class Http2ClientConnection implements ConnectionListener, Runnable {
    private final ClientServices services;
    private final EventExecutor loop;
    private final ClientPlace place;
    private long timeoutNanos;
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

    private Http2ClientConnection(Supplier<ProxyServices> current, Channel channel, ClientIdentity identity) {
        this.services = new ClientServices(current, channel, identity, this::followTimeout);
        this.loop = channel.eventLoop();
        this.place = ClientPlace.of(channel);
        this.timeoutNanos = services.settings().tcpTimeout().toNanos();
        this.idleSince = now();
    }

    /**
     * Adds the handler that serves a client to its channel, behind TLS.
     *
     * @param current asked for each exchange: what it has then counts for that exchange
     * @param identity of the client under the settings of this moment
     */
    public static void serve(Supplier<ProxyServices> current, Channel channel, ClientIdentity identity) {
        Http2ClientConnection client = new Http2ClientConnection(current, channel, identity);
        FrameHandler handler = FrameHandlers.create(client, current.get().nanoClock());
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
        return new Http2ClientStream(services.forNextRequest(), this, stream, services.identity(), head);
    }

    /** Streams that are open keep the timeout that they began with. */
    private void followTimeout(Duration tcpTimeout) {
        timeoutNanos = tcpTimeout.toNanos();
        if (timeoutNanos > 0) {
            stopTimer();
            schedule(timeoutNanos / Inactivity.SAMPLES);
        }
    }

    @Override
    public boolean admitsStream(int others) {
        return services.now().admission().admitsStream(others);
    }

    @Override
    public void requestRefused(Refusal refusal, String requestLine) {
        services.forNextRequest()
                .ends()
                .accept(UnreadableRequest.end(
                        services.identity(),
                        requestLine,
                        refusal == Refusal.HEAD_TOO_LARGE ? 431 : 0,
                        switch (refusal) {
                            case MALFORMED -> EndReason.MALFORMED_REQUEST;
                            case HEAD_TOO_LARGE -> EndReason.HEAD_TOO_LARGE;
                            case TOO_MANY_STREAMS -> EndReason.LIMIT_REQUESTS;
                        },
                        0,
                        0));
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
                    loop, services.now().nanoClock(), ProxySettings.HALF_CLOSED, connection, this::presumeGone);
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
        return services.now().admission().http2Bytes();
    }

    @Override
    public void bodyBytesKept(int change) {
        services.now().admission().bodyBytesKept(change);
    }

    @Override
    public boolean admitsBodyBytes() {
        return services.now().admission().admitsBodyBytes();
    }

    @Override
    public void heldBack(Runnable reading) {
        services.now().admission().holdBack(reading, services.identity().address());
    }

    @Override
    public void readOn(Runnable reading) {
        services.now().admission().letGo(reading);
    }

    @Override
    public void headBytesHeld(int bytes) {
        place.holds(bytes);
    }

    @Override
    public void outOfMemory() {
        services.now().admission().outOfMemory(services.identity().address());
    }

    @Override
    public void closed() {
        connection = null;
        if (presence != null) {
            presence.stop();
        }
        stopTimer();
    }

    private void stopTimer() {
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
        boolean limited = timeoutNanos > 0;
        left = limited ? timeoutNanos / Inactivity.SAMPLES : Long.MAX_VALUE;
        if (watched.isEnding()) {
            if (limited && isNotFetching(watched)) {
                // the end waits behind bytes that nobody fetches
                watched.cut();
                return;
            }
        } else if (open == 0 && limited) {
            long idle = idleSince + timeoutNanos - now();
            if (idle <= 0) {
                watched.endIdle();
            } else {
                left = idle;
            }
        } else {
            watched.forEachStream(stream -> sample((Http2ClientStream) stream.listener()));
        }
        if (left < Long.MAX_VALUE) {
            schedule(left);
        }
    }

    private boolean isNotFetching(FrameHandler ending) {
        if (farewell == null) {
            farewell = new Inactivity(services.now().nanoClock(), timeoutNanos, ending);
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
        return services.now().nanoClock().getAsLong();
    }
}
