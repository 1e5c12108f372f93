package io.hipache.proxy.http1;

import io.hipache.admission.ClientPlace;
import io.hipache.http.BodyEnd;
import io.hipache.http.MalformedMessage;
import io.hipache.http.RequestDecoder;
import io.hipache.http.RequestHead;
import io.hipache.net.DirectMemory;
import io.hipache.net.DrainRequested;
import io.hipache.net.EventClock;
import io.hipache.net.IdleTimeOver;
import io.hipache.net.InactivityTimer;
import io.hipache.net.ReadGate;
import io.hipache.net.ReadGate.Reason;
import io.hipache.outcome.EndReason;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.proxy.exchange.AddedHeaders;
import io.hipache.proxy.exchange.Client;
import io.hipache.proxy.exchange.ClientIdentity;
import io.hipache.proxy.exchange.ClientServices;
import io.hipache.proxy.exchange.ErrorPages;
import io.hipache.proxy.exchange.Exchange;
import io.hipache.proxy.exchange.ProxyServices;
import io.hipache.proxy.exchange.UnreadableRequest;
import io.hipache.proxy.tunnel.Tunnel;
import io.hipache.upstream.UpgradedConnection;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of a client that speaks HTTP/1.1, and the last handler in its pipeline behind {@link RequestDecoder}: one
 * {@link Exchange} after the other. Bytes that arrive while one is under way stay in the decoder, and reading stops when
 * there are some. Confined to the event loop.
 */
public final class Http1ClientConnection extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(Http1ClientConnection.class);

    /** How long a worker that ends waits for one more request behind a long exchange, whose answer promised to keep the connection. */
    private static final long LAST_REQUEST_MILLIS = 1000;

    /**
     * How many requests are taken before all other connections have their turn. The proxy answers some without a wait, and a
     * client may pipeline thousands of them. A long head counts as one request for each {@link #ONE_REQUEST}.
     */
    private static final int REQUESTS_IN_A_TURN = 8;

    /** Bytes of memory that the head of an ordinary request takes at most. */
    private static final int ONE_REQUEST = 4 * 1024;

    /** What the connection is at. */
    enum State {
        /** It waits for a request, or for the rest of a head. */
        READY,
        /** An exchange is under way. */
        EXCHANGE,
        /** The next request waits: until the client has fetched the answers so far, or for the turn of all others. */
        UNFETCHED,
        /** The last answer is on its way out, and whatever else the client sends is thrown away. */
        CLOSING,
        /** A tunnel has taken the connection over. */
        TUNNEL
    }

    /** How long the connection may stay. */
    private enum Stay {
        /** As long as the client wants. */
        UNLIMITED,
        /** The worker ends: the next answer is the last one. */
        ONE_MORE_REQUEST,
        /** The worker has ended its wait: the connection closes as soon as it is idle. */
        UNTIL_IDLE
    }

    private final ClientServices services;
    private final Channel channel;
    private final RequestDecoder decoder;
    private final ReadGate gate;
    private final ClientOutput output;
    private final InactivityTimer timer;
    private final ClientPlace place;
    private final HalfClose halfClose;
    private final Http1Client client;
    private State state = State.READY;
    private int requestsInTurn;
    private Stay stay = Stay.UNLIMITED;
    /** While the state is {@link State#EXCHANGE}. */
    private @Nullable Exchange exchange;

    private Http1ClientConnection(
            Supplier<ProxyServices> current, Channel channel, ClientIdentity identity, RequestDecoder decoder) {
        ProxyServices first = current.get();
        this.channel = channel;
        this.decoder = decoder;
        this.gate = new ReadGate(channel);
        this.output = new ClientOutput(channel);
        this.timer = new InactivityTimer(
                channel.eventLoop(), first.nanoClock(), first.settings().tcpTimeout(), output, this::inactive);
        this.timer.alsoCall(this::lookAtBody);
        this.services = new ClientServices(current, channel, identity, timer::follow);
        this.place = ClientPlace.of(channel);
        this.halfClose = new HalfClose(first.nanoClock(), this, channel, output);
        this.client = new Http1Client(this, channel, gate, output, timer, halfClose);
    }

    /**
     * Adds the handlers that serve a client to its channel, behind TLS where there is any.
     *
     * @param current asked for each exchange: what it has then counts for that exchange
     * @param identity of the client under the settings of this moment
     */
    public static void serve(Supplier<ProxyServices> current, Channel channel, ClientIdentity identity) {
        RequestDecoder decoder = new RequestDecoder();
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        channel.pipeline().addLast(decoder, new Http1ClientConnection(current, channel, identity, decoder));
    }

    // what arrives

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        timer.start();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (state == State.CLOSING) {
            ReferenceCountUtil.release(message);
            return;
        }
        timer.touch();
        // answers to requests that came together leave together
        output.cork();
        if (message instanceof RequestHead head) {
            Exchange next = new Exchange(services.forNextRequest(), client, head);
            exchange = next;
            state = State.EXCHANGE;
            place.busy();
            requestsInTurn += 1 + head.memory() / ONE_REQUEST;
            next.begin();
        } else if (message instanceof MalformedMessage malformed) {
            malformed(malformed);
        } else if (message instanceof ByteBuf bytes) {
            bodyBytes(bytes);
        } else if (message instanceof BodyEnd end && exchange != null) {
            exchange.body().finish(end);
        }
    }

    private void bodyBytes(ByteBuf bytes) {
        if (exchange == null) {
            bytes.release();
        } else {
            exchange.body().add(bytes);
        }
    }

    private void malformed(MalformedMessage malformed) {
        if (exchange != null) {
            exchange.requestMalformed(malformed);
            return;
        }
        long before = output.bytesWritten();
        ProxyServices inForce = services.forNextRequest();
        ErrorPages.Page page = inForce.pages().page(malformed.status(), malformed.reason());
        client.page(false, malformed.status(), page, false, AddedHeaders.NONE);
        inForce.ends()
                .accept(UnreadableRequest.end(
                        services.identity(),
                        malformed.startLine(),
                        malformed.status(),
                        UnreadableRequest.reason(malformed),
                        output.bytesWritten() - before,
                        page.bytes().length));
        closeBehindTheAnswer(false);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        place.holds(decoder.heldBytes());
        output.uncork();
        if (state == State.READY) {
            halfClose.releaseGoodbye();
        }
        if (exchange != null) {
            exchange.body().readComplete();
            if (decoder.holdsBytes()) {
                gate.pause(Reason.INBOX);
            }
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        timer.touch();
        if (exchange != null) {
            exchange.holdBackendWhileClientIsFull();
        } else if (state == State.UNFETCHED) {
            nextRequest();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof DrainRequested && stay == Stay.UNLIMITED) {
            stay = Stay.ONE_MORE_REQUEST;
        } else if (event instanceof IdleTimeOver) {
            stay = Stay.UNTIL_IDLE;
            closeIfIdle();
        } else {
            halfClose.event(event);
        }
    }

    State state() {
        return state;
    }

    ClientIdentity identity() {
        return services.identity();
    }

    /** Whether an exchange is under way, and the client has sent all of its request. */
    boolean isRequestComplete() {
        return exchange != null && exchange.body().isComplete();
    }

    /** Closes the connection if its client has ended its output and no request waits. */
    void closeIfNothingCanCome() {
        if (state == State.READY && !decoder.isDecoding()) {
            if (halfClose.hasBegun()) {
                closeBehindTheAnswer(false);
            } else {
                halfClose.releaseGoodbye();
            }
        }
    }

    /** The client is gone since {@code nanos}, as {@link System#nanoTime}. */
    void leave(long nanos) {
        clientGone(nanos);
        output.close();
    }

    private void clientGone(long nanos) {
        Exchange last = exchange;
        exchange = null;
        state = State.CLOSING;
        if (last != null) {
            last.clientLeft(EndReason.CLIENT_GONE, nanos);
        }
    }

    private void stopTimers() {
        timer.stop();
        halfClose.stop();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        stopTimers();
        client.login().close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        stopTimers();
        client.login().close();
        clientGone(EventClock.nanoTime());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (DirectMemory.isExhausted(cause)) {
            services.now().admission().outOfMemory(identity().address());
        } else if (cause instanceof IOException || cause.getCause() instanceof SSLException) {
            // a reset, or something that is not TLS: the client's own business
            log.debug("{}: {}", identity().address(), cause.toString());
        } else {
            log.error("closing the connection of {}: unexpected {}", identity().address(), cause.toString(), cause);
        }
        ctx.close();
    }

    /** Now and then: a body must not come too slowly. */
    private void lookAtBody() {
        if (exchange != null) {
            exchange.lookAtBody();
        }
    }

    private void inactive() {
        if (exchange != null) {
            exchange.timedOut();
        } else if (output.writeProgress() != 0) {
            // nobody fetches the end of a response
            output.cut();
        } else {
            output.close();
        }
    }

    // what the exchange tells, through its client

    /** The answer breaks off, which its framing shows. */
    void breakOff() {
        exchange = null;
        stopReadingRequests();
        output.breakOff();
    }

    /** See {@link Client.Upgradable#switchProtocols}; the head is written. */
    void switched(UpgradedConnection backend, ExchangeEnd atHead) {
        stopTimers();
        exchange = null;
        state = State.TUNNEL;
        new Tunnel(services.now(), services.settings(), channel, gate, backend, atHead).begin(this, decoder, backend);
        halfClose.repeat();
    }

    /** See {@link Client#isDraining}. */
    boolean isDraining() {
        return stay != Stay.UNLIMITED;
    }

    /** See {@link Client#exchangeEnded}. */
    void exchangeEnded(boolean keepAlive) {
        boolean wasLast = exchange != null && exchange.wasLastOfClient() && !decoder.holdsBytes();
        exchange = null;
        if (!keepAlive) {
            closeBehindTheAnswer(wasLast);
            return;
        }
        if (stay == Stay.UNTIL_IDLE) {
            channel.eventLoop().schedule(this::closeIfIdle, LAST_REQUEST_MILLIS, TimeUnit.MILLISECONDS);
        }
        nextRequest();
    }

    /** Takes the next request once the client fetches its answers, so that those of pipelined requests do not pile up. */
    private void nextRequest() {
        if (!decoder.holdsBytes()) {
            requestsInTurn = 0;
        }
        if (requestsInTurn >= REQUESTS_IN_A_TURN) {
            requestsInTurn = 0;
            state = State.UNFETCHED;
            gate.pause(Reason.INBOX);
            channel.eventLoop().execute(() -> {
                if (state == State.UNFETCHED) {
                    nextRequest();
                }
            });
        } else if (output.isWritable()) {
            state = State.READY;
            place.idle();
            gate.resume(Reason.INBOX);
            decoder.next();
            closeIfNothingCanCome();
        } else {
            state = State.UNFETCHED;
            gate.pause(Reason.INBOX);
        }
    }

    // the connection's end

    private void closeIfIdle() {
        boolean idle = state == State.READY || state == State.UNFETCHED;
        if (idle && !decoder.inHead()) {
            stopReadingRequests();
            output.closeIdle();
        }
    }

    /** @param wasLast whether the client has said that it sends no more, and nothing of it is unread */
    void closeBehindTheAnswer(boolean wasLast) {
        client.login().close();
        stopReadingRequests();
        output.closeAfterReading(wasLast);
    }

    /** What the client still sends is read and thrown away: unread bytes would make a reset of the connection's end. */
    private void stopReadingRequests() {
        state = State.CLOSING;
        place.idle();
        decoder.ignoreRest();
        gate.open();
    }
}
