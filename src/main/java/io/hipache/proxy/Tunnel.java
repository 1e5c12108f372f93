package io.hipache.proxy;

import io.hipache.accesslog.AccessLogEntry;
import io.hipache.http.RequestDecoder;
import io.hipache.net.ReadGate.Reason;
import io.hipache.upstream.UpstreamConnection;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPipeline;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What an exchange becomes when its backend has switched protocols: bytes from each connection to the other, read no
 * faster than they are taken. It outlives its {@link Exchange} by hours and there may be thousands, so it keeps nothing
 * of it but the access-log line. Confined to the event loop.
 */
final class Tunnel {
    /** How long a connection may take to notice that the other one is gone. */
    private static final long LINGER_MILLIS = 5000;

    private final Proxy proxy;
    private final TunnelEnd client;
    private final TunnelEnd backend;
    /** As it would be if the tunnel ended where it begins. */
    private final AccessLogEntry line;

    private final long startNanos;
    private @Nullable InactivityTimer timer;
    private @Nullable Future<?> farewell;
    private boolean halfEnded;

    /** @param line of the exchange so far */
    Tunnel(Proxy proxy, ClientConnection client, UpstreamConnection backend, AccessLogEntry line) {
        this.proxy = proxy;
        this.client = new TunnelEnd(this, client.channel(), client.gate());
        this.backend = new TunnelEnd(this, backend.channel(), backend.gate());
        this.line = line;
        this.startNanos = System.nanoTime();
    }

    /** Takes both connections over from who read HTTP from them; what either side sent early goes first. */
    void begin(ClientHandler handler, RequestDecoder decoder, UpstreamConnection connection) {
        client.separateHalves();
        backend.separateHalves();
        watch(proxy.services().settings().tunnelTimeout());
        ChannelPipeline pipeline = client.channel().pipeline();
        pipeline.replace(handler, null, client);
        pipeline.remove(decoder);
        connection.switchTo(backend);
        client.flush();
        backend.flush();
        client.gate().open();
        backend.gate().open();
        writabilityChanged(client);
        writabilityChanged(backend);
    }

    private TunnelEnd opposite(TunnelEnd end) {
        return end == client ? backend : client;
    }

    // what the ends tell

    /** Passes on and takes over {@code bytes}. */
    void bytesRead(TunnelEnd from, ByteBuf bytes) {
        touch();
        TunnelEnd to = opposite(from);
        to.write(bytes);
        pauseUnlessTaken(to);
    }

    void readComplete(TunnelEnd from) {
        opposite(from).flush();
    }

    void writabilityChanged(TunnelEnd to) {
        touch();
        pauseUnlessTaken(to);
    }

    private void pauseUnlessTaken(TunnelEnd to) {
        if (to.takesBytes()) {
            opposite(to).gate().resume(Reason.SINK_FULL);
        } else {
            opposite(to).gate().pause(Reason.SINK_FULL);
        }
    }

    void inputEnded(TunnelEnd from) {
        if (!halfEnded) {
            halfEnded = true;
            // one that waits for the other half for ever would never end, for nobody is left who could want it to
            Duration timeout = proxy.services().settings().tcpTimeout();
            if (!timeout.isZero()) {
                watch(timeout);
            }
        }
        opposite(from).endOutput();
    }

    void outputEnded(TunnelEnd of) {
        if (!opposite(of).isOpen()) {
            sayFarewell(of);
        }
    }

    /** A connection is gone, and the other one follows it as soon as it has taken what is left. */
    void closed(TunnelEnd end) {
        if (end == client) {
            writeAccessLog();
        }
        TunnelEnd left = opposite(end);
        if (!left.isOpen()) {
            end();
            return;
        }
        left.endOutput();
        // its bytes are read and thrown away: unread ones would make a reset of its end
        left.gate().open();
        if (left.hasOutputEnded()) {
            sayFarewell(left);
        }
    }

    /** A connection was reset: so is the other one, for what it got must not look complete. */
    void broken() {
        client.flush();
        backend.flush();
        client.cut();
        backend.cut();
    }

    // its end

    private void sayFarewell(TunnelEnd left) {
        if (farewell == null) {
            farewell = left.channel()
                    .eventLoop()
                    .schedule(() -> left.channel().close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void end() {
        if (timer != null) {
            timer.stop();
        }
        if (farewell != null) {
            farewell.cancel(false);
        }
    }

    private void writeAccessLog() {
        AccessLogEntry whole = line.later(client.bytesWritten(), System.nanoTime() - startNanos);
        proxy.services().accessLog().accept(whole);
    }

    // its timer

    /** From now on, ends the tunnel when nothing has moved for {@code timeout}; zero changes nothing. */
    private void watch(Duration timeout) {
        if (timeout.isZero()) {
            return;
        }
        if (timer != null) {
            timer.stop();
        }
        timer = new InactivityTimer(
                client.channel().eventLoop(),
                proxy.nanoClock(),
                timeout,
                Inactivity.Output.of(
                        () -> client.writeProgress() + backend.writeProgress(),
                        () -> Math.min(client.nanosSinceSent(), backend.nanosSinceSent())),
                this::expire);
        timer.start();
    }

    private void touch() {
        if (timer != null) {
            timer.touch();
        }
    }

    private void expire() {
        client.expire();
        backend.expire();
    }
}
