package io.hipache.proxy;

import io.hipache.http.RequestHead;
import io.hipache.http2.ClientStream;
import io.hipache.http2.ConnectionListener;
import io.hipache.http2.FrameHandler;
import io.hipache.http2.StreamListener;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The streams of one connection of HTTP/2: gives each its exchange, and notices on which nothing has happened for
 * {@code tcpTimeout}, by one timer for all of them. Confined to the event loop.
 */
final class Http2Clients implements ConnectionListener, Runnable {
    private final Proxy proxy;
    private final ClientIdentity identity;
    private final EventExecutor loop;
    private final long timeoutNanos;
    private @Nullable FrameHandler connection;
    private @Nullable Future<?> scheduled;
    private int open;
    private long idleSince;
    /** The shortest time that a stream has left, while they are looked at. */
    private long left;

    Http2Clients(Proxy proxy, ClientIdentity identity, EventExecutor loop) {
        this.proxy = proxy;
        this.identity = identity;
        this.loop = loop;
        this.timeoutNanos = proxy.services().settings().tcpTimeout().toNanos();
        this.idleSince = now();
    }

    /** Begins to watch; a client that never says what it wants is idle. */
    void watch(FrameHandler handler) {
        connection = handler;
        if (timeoutNanos > 0) {
            schedule(timeoutNanos);
        }
    }

    @Override
    public StreamListener requested(ClientStream stream, RequestHead head) {
        open++;
        return new Http2Client(proxy, stream, identity, head);
    }

    @Override
    public void streamClosed(int stillOpen) {
        open = stillOpen;
        idleSince = now();
    }

    @Override
    public void responsesRead() {
        idleSince = now();
    }

    @Override
    public void closed() {
        connection = null;
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
        if (open == 0) {
            left = idleSince + timeoutNanos - now();
            if (left <= 0) {
                watched.endIdle();
                return;
            }
        } else {
            left = timeoutNanos / Inactivity.SAMPLES;
            watched.forEachStream(stream -> look((Http2Client) stream.listener()));
        }
        schedule(left);
    }

    private void look(Http2Client client) {
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
        return proxy.nanoClock().getAsLong();
    }
}
