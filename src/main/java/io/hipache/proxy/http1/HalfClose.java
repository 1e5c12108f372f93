package io.hipache.proxy.http1;

import io.hipache.net.HeldGoodbye;
import io.hipache.net.InactivityTimer;
import io.hipache.proxy.exchange.ProxySettings;
import io.hipache.proxy.http1.Http1ClientConnection.State;
import io.netty.channel.Channel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What follows when a client ends its output behind its requests, which it may do and still read the answers: by a FIN (RFC
 * 9112 §9.6), by a close_notify of TLS (RFC 8446 §6.1), or by both. Confined to the event loop.
 */
final class HalfClose {
    private final LongSupplier nanoClock;
    private final Http1ClientConnection connection;
    private final Channel channel;
    private final ClientOutput output;
    private final @Nullable HeldGoodbye goodbye;
    /** Since the FIN. */
    private @Nullable InactivityTimer presence;

    private long finNanos;

    HalfClose(LongSupplier nanoClock, Http1ClientConnection connection, Channel channel, ClientOutput output) {
        this.nanoClock = nanoClock;
        this.connection = connection;
        this.channel = channel;
        this.output = output;
        this.goodbye = HeldGoodbye.of(channel);
        if (goodbye != null) {
            goodbye.whileDue(this::isAnswerDue);
        }
    }

    void event(Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            // later and not now: epoll fails when the channel is closed within its own call
            channel.eventLoop().execute(this::inputEnded);
        } else if (event instanceof SslCloseCompletionEvent read && read.isSuccess()) {
            channel.eventLoop().execute(this::goodbyeRead);
        }
    }

    /** A FIN has come: the client sends nothing more, but may still read. */
    private void inputEnded() {
        if (!channel.isOpen()) {
            return;
        }
        State state = connection.state();
        if (state == State.TUNNEL) {
            // the tunnel has not seen it
            channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            return;
        }
        if (state == State.CLOSING) {
            // closes by itself, behind the answer
            return;
        }
        InactivityTimer watch = new InactivityTimer(
                channel.eventLoop(), nanoClock, ProxySettings.HALF_CLOSED, output, this::presumeGone);
        presence = watch;
        finNanos = nanoClock.getAsLong();
        watch.start();
        if (state == State.EXCHANGE && !connection.isRequestComplete()) {
            connection.leave(finNanos);
        } else {
            connection.closeIfNothingCanCome();
        }
    }

    private void presumeGone() {
        if (connection.state() == State.EXCHANGE && output.writeProgress() == 0) {
            // the FIN was the last that was seen of the client
            connection.leave(finNanos);
        }
    }

    /** TLS has read the client's close_notify, and from now on writes nothing more. */
    private void goodbyeRead() {
        switch (connection.state()) {
            case READY, UNFETCHED -> connection.closeBehindTheAnswer(false);
            case EXCHANGE -> connection.leave(nanoClock.getAsLong());
            case CLOSING, TUNNEL -> {
                // it ends already, or the tunnel has been told
            }
        }
    }

    /** Whether the client has sent all that is needed for an answer which it has not been sent whole. */
    private boolean isAnswerDue() {
        return switch (connection.state()) {
            case READY -> output.isGathering();
            case EXCHANGE -> connection.isRequestComplete();
            case UNFETCHED -> true;
            case CLOSING, TUNNEL -> false;
        };
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

    /** Lets a close_notify pass that waits, in a later turn, when no answer is due by then. */
    void releaseGoodbye() {
        HeldGoodbye waiting = goodbye;
        if (waiting != null && waiting.isHolding()) {
            // this turn may be TLS's own, which must not be entered twice
            channel.eventLoop().execute(() -> {
                if (connection.state() == State.READY && !output.isGathering()) {
                    waiting.release();
                }
            });
        }
    }

    /** A tunnel has taken the connection over, and has not seen what came before. */
    void repeat() {
        if (goodbye != null) {
            goodbye.release();
        }
        if (presence != null) {
            channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        }
    }
}
