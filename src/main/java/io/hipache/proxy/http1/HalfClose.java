package io.hipache.proxy.http1;

import io.hipache.net.HeldGoodbye;
import io.hipache.net.InactivityTimer;
import io.hipache.proxy.exchange.ProxyServices;
import io.hipache.proxy.exchange.ProxySettings;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What follows when a client ends its output behind its requests, which it may do and still read the answers: by a FIN (RFC
 * 9112 §9.6), by a close_notify of TLS (RFC 8446 §6.1), or by both. Confined to the event loop.
 */
final class HalfClose {
    private final ProxyServices services;
    private final Channel channel;
    private final ClientOutput output;
    private final Runnable gone;
    private final @Nullable HeldGoodbye goodbye;
    /** Since the FIN. */
    private @Nullable InactivityTimer presence;

    /** @param gone called each time that nothing has moved for {@link ProxySettings#HALF_CLOSED}, since the FIN */
    HalfClose(ProxyServices services, Channel channel, ClientOutput output, Runnable gone) {
        this.services = services;
        this.channel = channel;
        this.output = output;
        this.gone = gone;
        this.goodbye = HeldGoodbye.of(channel);
    }

    /** Has a close_notify wait while {@code due} says that it would come too early. */
    void keepGoodbyeWhile(BooleanSupplier due) {
        if (goodbye != null) {
            goodbye.whileDue(due);
        }
    }

    /** A FIN has come. */
    void begin() {
        InactivityTimer watch =
                new InactivityTimer(channel.eventLoop(), services.nanoClock(), ProxySettings.HALF_CLOSED, output, gone);
        presence = watch;
        watch.start();
    }

    /** Whether a FIN has come. */
    boolean hasBegun() {
        return presence != null;
    }

    /** Something for the client has moved. */
    void touch() {
        if (presence != null) {
            presence.touch();
        }
    }

    void stop() {
        if (presence != null) {
            presence.stop();
        }
    }

    /** Whether both halves have ended. */
    boolean isWhole() {
        return channel instanceof DuplexChannel duplex && duplex.isOutputShutdown();
    }

    /** Lets a close_notify pass that waits, in a later turn, when {@code nothingDue} still holds by then. */
    void releaseGoodbye(BooleanSupplier nothingDue) {
        HeldGoodbye waiting = goodbye;
        if (waiting != null && waiting.isHolding()) {
            // this turn may be TLS's own, which must not be entered twice
            channel.eventLoop().execute(() -> {
                if (nothingDue.getAsBoolean()) {
                    waiting.release();
                }
            });
        }
    }

    /** An answer begins that only the end of the connection will end. */
    void unframedAnswerBegins() {
        if (presence != null) {
            // Netty closes such a connection where the kernel takes no more at once: that must not look like the end
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        }
    }

    /** The last answer is complete. */
    void lastAnswerWritten() {
        if (presence != null && channel.isOpen()) {
            channel.config().setOption(ChannelOption.SO_LINGER, -1);
        }
    }

    /** A tunnel has taken the connection over, and has not seen what came before. */
    void repeat() {
        if (presence != null) {
            channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        }
        if (goodbye != null) {
            goodbye.release();
        }
    }
}
