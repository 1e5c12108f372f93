package io.hipache.proxy.http1;

import io.hipache.admission.ClientPlace;
import io.hipache.http.BodyEnd;
import io.hipache.http.MalformedMessage;
import io.hipache.http.RequestDecoder;
import io.hipache.http.RequestHead;
import io.hipache.http.ResponseHead;
import io.hipache.net.DirectMemory;
import io.hipache.net.DrainRequested;
import io.hipache.net.IdleTimeOver;
import io.hipache.net.InactivityTimer;
import io.hipache.net.Output;
import io.hipache.net.ReadGate;
import io.hipache.net.ReadGate.Reason;
import io.hipache.outcome.EndReason;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.proxy.exchange.Client;
import io.hipache.proxy.exchange.ClientIdentity;
import io.hipache.proxy.exchange.ClientLogin;
import io.hipache.proxy.exchange.DebugHeaders;
import io.hipache.proxy.exchange.ErrorPages;
import io.hipache.proxy.exchange.Exchange;
import io.hipache.proxy.exchange.ProxyServices;
import io.hipache.proxy.exchange.ProxySettings;
import io.hipache.proxy.exchange.UnreadableRequest;
import io.hipache.proxy.tunnel.Tunnel;
import io.hipache.upstream.UpgradedConnection;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.time.Duration;
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
public final class Http1ClientConnection extends ChannelInboundHandlerAdapter implements Client.Upgradable {
    private static final Logger log = LoggerFactory.getLogger(Http1ClientConnection.class);

    /**
     * How long a worker that ends waits for one more request behind a long exchange: the head of its answer promised to keep
     * the connection, and a request may be on its way.
     */
    private static final long LAST_REQUEST_MILLIS = 1000;

    /**
     * How long a client that has ended its output may have to wait for its answer. Nothing tells whether it still reads: most
     * such clients have left, and their requests must not wait for long. A write to a client that has left is answered with a
     * reset.
     */
    private static final Duration HALF_CLOSED = Duration.ofSeconds(3);

    /**
     * How many requests are taken before all other connections have their turn. The proxy answers some without a wait, and a
     * client may pipeline thousands of them.
     */
    private static final int REQUESTS_IN_A_TURN = 64;

    /** What the connection is at. */
    private enum State {
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

    /** What the next exchange begins with. */
    private final Supplier<ProxyServices> current;

    private final Channel channel;
    private final RequestDecoder decoder;
    private final ReadGate gate;
    private final ClientOutput output;
    private final Http1ResponseWriter writer;
    private final InactivityTimer timer;
    private final ClientLogin login = ClientLogin.ofConnection();
    private final ClientPlace place;
    /** Of the exchange under way or the one before. */
    private ProxySettings settings;

    private ClientIdentity identity;
    private State state = State.READY;
    private int requestsInTurn;
    private Stay stay = Stay.UNLIMITED;
    /** Since the client has ended its output. */
    private @Nullable InactivityTimer presence;
    /** While the state is {@link State#EXCHANGE}. */
    private @Nullable Exchange exchange;

    private Http1ClientConnection(
            Supplier<ProxyServices> current, Channel channel, ClientIdentity identity, RequestDecoder decoder) {
        ProxyServices services = current.get();
        this.current = current;
        this.settings = services.settings();
        this.channel = channel;
        this.identity = identity;
        this.decoder = decoder;
        this.gate = new ReadGate(channel);
        this.output = new ClientOutput(channel);
        this.writer = new Http1ResponseWriter(output);
        this.timer = new InactivityTimer(
                channel.eventLoop(), services.nanoClock(), settings.tcpTimeout(), output, this::inactive);
        this.timer.alsoCall(this::lookAtBody);
        this.place = ClientPlace.of(channel);
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
            Exchange next = new Exchange(services(), this, head);
            exchange = next;
            state = State.EXCHANGE;
            place.busy();
            next.begin();
        } else if (message instanceof MalformedMessage malformed) {
            malformed(malformed);
        } else if (message instanceof ByteBuf bytes) {
            bodyBytes(bytes);
        } else if (message instanceof BodyEnd end && exchange != null) {
            exchange.body().finish(end);
        }
    }

    /** What is in force now. The settings of this connection follow it. */
    @SuppressWarnings(
            "ReferenceEquality") // other settings that are equal do no harm, and this is asked for each request
    private ProxyServices services() {
        ProxyServices services = current.get();
        if (services.settings() != settings) {
            settings = services.settings();
            identity = identity.under(settings, channel);
            timer.follow(settings.tcpTimeout());
        }
        return services;
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
        ProxyServices services = services();
        ErrorPages.Page page = services.pages().page(malformed.status(), malformed.reason());
        writer.page(false, malformed.status(), page, false, DebugHeaders.NONE);
        services.ends()
                .accept(UnreadableRequest.end(
                        identity,
                        malformed.status(),
                        UnreadableRequest.reason(malformed),
                        output.bytesWritten() - before));
        closeBehindTheAnswer();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        place.holds(decoder.heldBytes());
        output.uncork();
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
            exchange.clientWritabilityChanged();
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
        } else if (event instanceof ChannelInputShutdownEvent) {
            // later and not now: epoll fails when the channel is closed within its own call
            channel.eventLoop().execute(this::inputEnded);
        }
    }

    /** The client sends nothing more. It may still read: RFC 9112 §9.6 lets it end its output behind its last request. */
    private void inputEnded() {
        if (!channel.isOpen()) {
            return;
        }
        if (state == State.TUNNEL) {
            // the tunnel has not seen it
            channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            return;
        }
        InactivityTimer watch = new InactivityTimer(
                channel.eventLoop(), current.get().nanoClock(), HALF_CLOSED, output, this::presumeGone);
        presence = watch;
        watch.start();
        if (state == State.CLOSING) {
            if (channel instanceof DuplexChannel duplex && duplex.isOutputShutdown()) {
                channel.close();
            }
        } else if (exchange != null && !exchange.body().isComplete()) {
            leave();
        } else {
            closeIfNothingCanCome();
        }
    }

    private void closeIfNothingCanCome() {
        if (presence != null && state == State.READY && !decoder.isDecoding()) {
            closeBehindTheAnswer();
        }
    }

    private void presumeGone() {
        if (exchange != null && output.writeProgress() == 0) {
            leave();
        }
    }

    private void leave() {
        clientGone();
        output.close();
    }

    private void clientGone() {
        Exchange last = exchange;
        exchange = null;
        state = State.CLOSING;
        if (last != null) {
            last.clientLeft(EndReason.CLIENT_GONE);
        }
    }

    private void stopTimers() {
        timer.stop();
        if (presence != null) {
            presence.stop();
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        stopTimers();
        login.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        stopTimers();
        login.close();
        clientGone();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException || cause.getCause() instanceof SSLException) {
            // a reset, or something that is not TLS: the client's own business
            log.debug("{}: {}", identity.address(), cause.toString());
        } else if (DirectMemory.isExhausted(cause)) {
            current.get().admission().outOfMemory(identity.address());
        } else {
            log.error("closing the connection of {}: unexpected {}", identity.address(), cause.toString(), cause);
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

    // the exchange's answer

    @Override
    public void interim(RequestHead request, ResponseHead response) {
        writer.interim(request, response);
    }

    @Override
    public boolean responseHead(RequestHead request, ResponseHead response, boolean mayKeepAlive, DebugHeaders debug) {
        DirectMemory.limitOutput(channel);
        boolean keepAlive = writer.begin(request, response, mayKeepAlive, debug);
        if (presence != null && writer.endsWithConnection()) {
            // Netty closes such a connection where the kernel takes no more at once: that must not look like the end
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        }
        return keepAlive;
    }

    @Override
    public void responseBody(ByteBuf bytes) {
        writer.body(bytes);
    }

    @Override
    public void responseEnd(BodyEnd end) {
        writer.end(end);
    }

    @Override
    public void page(boolean toHead, int status, ErrorPages.Page page, boolean keepAlive, DebugHeaders debug) {
        writer.page(toHead, status, page, keepAlive, debug);
    }

    @Override
    public void flush() {
        output.flush();
    }

    @Override
    public boolean isWritable() {
        return output.isWritable();
    }

    @Override
    public long bytesWritten() {
        return output.bytesWritten();
    }

    @Override
    public void cut() {
        output.cut();
    }

    @Override
    public void breakOff() {
        if (writer.endsWithConnection()) {
            output.cut();
            return;
        }
        exchange = null;
        stopReadingRequests();
        output.breakOff();
    }

    @Override
    public boolean hasUnfetched() {
        return output.writeProgress() != 0;
    }

    @Override
    public void switchProtocols(
            RequestHead request,
            ResponseHead response,
            DebugHeaders debug,
            UpgradedConnection backend,
            ExchangeEnd soFar) {
        long before = output.bytesWritten();
        writer.switching(request, response, debug);
        output.passHead();
        stopTimers();
        exchange = null;
        state = State.TUNNEL;
        ExchangeEnd atHead = soFar.later(0, output.bytesWritten() - before, 0);
        new Tunnel(current.get(), settings, channel, gate, backend, atHead).begin(this, decoder, backend);
        if (presence != null) {
            // the tunnel has not seen it
            channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        }
    }

    // the exchange's life

    @Override
    public ClientIdentity identity() {
        return identity;
    }

    @Override
    public ReadGate gate() {
        return gate;
    }

    @Override
    public ClientLogin login() {
        return login;
    }

    @Override
    public void touch() {
        timer.touch();
        if (presence != null) {
            presence.touch();
        }
    }

    @Override
    public void watch(@Nullable Output toBackend) {
        timer.alsoWatch(toBackend);
    }

    @Override
    public boolean isDraining() {
        return stay != Stay.UNLIMITED;
    }

    @Override
    public void exchangeEnded(boolean keepAlive) {
        exchange = null;
        if (!keepAlive) {
            closeBehindTheAnswer();
            return;
        }
        if (stay == Stay.UNTIL_IDLE) {
            channel.eventLoop().schedule(this::closeIfIdle, LAST_REQUEST_MILLIS, TimeUnit.MILLISECONDS);
        }
        nextRequest();
    }

    /** Takes the next request once the client fetches its answers, so that those of pipelined requests do not pile up. */
    private void nextRequest() {
        if (++requestsInTurn > REQUESTS_IN_A_TURN) {
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

    private void closeBehindTheAnswer() {
        login.close();
        if (presence != null && channel.isOpen()) {
            channel.config().setOption(ChannelOption.SO_LINGER, -1);
        }
        stopReadingRequests();
        output.closeAfterReading();
    }

    /** What the client still sends is read and thrown away: unread bytes would make a reset of the connection's end. */
    private void stopReadingRequests() {
        state = State.CLOSING;
        place.idle();
        decoder.ignoreRest();
        gate.open();
    }
}
