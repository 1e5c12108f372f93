package io.hipache.proxy.tunnel;

import io.hipache.admission.Admission;
import io.hipache.http.RequestDecoder;
import io.hipache.net.InactivityTimer;
import io.hipache.net.Output;
import io.hipache.net.ReadGate;
import io.hipache.net.ReadGate.Reason;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.proxy.exchange.ProxyServices;
import io.hipache.proxy.exchange.ProxySettings;
import io.hipache.upstream.UpgradedConnection;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What an exchange becomes when its backend has switched protocols: bytes from each connection to the other, read no
 * faster than they are taken. A tunnel outlives its exchange by hours, and there may be thousands. So a tunnel keeps nothing of
 * its exchange but the record of its end. Confined to the event loop.
 */
public final class Tunnel {
    /** How long a connection may take to notice that the other one is gone. */
    private static final long LINGER_MILLIS = 5000;

    private final ProxySettings settings;
    private final Consumer<ExchangeEnd> ends;
    private final Admission admission;
    private final LongSupplier nanoClock;
    private final TunnelEnd client;
    private final TunnelEnd backend;
    /** As it would be if the tunnel ended where it begins. */
    private final ExchangeEnd soFar;

    private final long startNanos;
    private @Nullable InactivityTimer timer;
    private @Nullable Future<?> farewell;
    private boolean halfEnded;

    /**
     * Made of the two connections of an exchange.
     *
     * @param services of the worker; the tunnel does not keep them
     * @param settings of the exchange, which count for the tunnel to its end
     * @param soFar the end of the exchange as it would be if the tunnel ended at once
     */
    public Tunnel(
            ProxyServices services,
            ProxySettings settings,
            Channel client,
            ReadGate clientGate,
            UpgradedConnection backend,
            ExchangeEnd soFar) {
        this.settings = settings;
        this.ends = services.ends();
        this.admission = services.admission();
        this.nanoClock = services.nanoClock();
        this.client = new TunnelEnd(this, client, clientGate);
        this.backend = new TunnelEnd(this, backend.channel(), backend.gate());
        this.soFar = soFar;
        this.startNanos = System.nanoTime();
    }

    /** Takes both connections over from the handlers that read HTTP from them. What either side sent early goes first. */
    public void begin(ChannelHandler clientHandler, RequestDecoder decoder, UpgradedConnection connection) {
        client.separateHalves();
        backend.separateHalves();
        watch(settings.tunnelTimeout());
        ChannelPipeline pipeline = client.channel().pipeline();
        pipeline.replace(clientHandler, null, client);
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
            // without a time limit, a tunnel could wait for the end of the other half for ever
            Duration timeout = settings.tcpTimeout();
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
            report();
        }
        TunnelEnd left = opposite(end);
        if (!left.isOpen()) {
            end();
            return;
        }
        left.endOutput();
        // its bytes are read and thrown away: closing with unread bytes would reset the connection
        left.gate().open();
        if (left.hasOutputEnded()) {
            sayFarewell(left);
        }
    }

    void outOfMemory() {
        admission.outOfMemory(soFar.clientAddress());
    }

    /** A connection was reset. The other one is reset as well: what it received must not look complete. */
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

    private void report() {
        ends.accept(soFar.later(
                backend.bytesWritten(), client.bytesWritten(), client.bytesWritten(), System.nanoTime() - startNanos));
    }

    // its timer

    /** From now on, the tunnel ends when nothing has moved for {@code timeout}. Zero changes nothing. */
    private void watch(Duration timeout) {
        if (timeout.isZero()) {
            return;
        }
        if (timer != null) {
            timer.stop();
        }
        timer = new InactivityTimer(
                client.channel().eventLoop(),
                nanoClock,
                timeout,
                Output.of(
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
