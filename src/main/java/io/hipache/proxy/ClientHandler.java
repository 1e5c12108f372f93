package io.hipache.proxy;

import io.hipache.accesslog.AccessLogEntry;
import io.hipache.http.BodyEnd;
import io.hipache.http.MalformedMessage;
import io.hipache.http.RequestDecoder;
import io.hipache.http.RequestHead;
import io.hipache.net.DrainRequested;
import io.hipache.net.IdleTimeOver;
import io.hipache.net.ReadGate.Reason;
import io.hipache.upstream.UpstreamConnection;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Last handler of a client connection, behind {@link RequestDecoder}: one {@link Exchange} after the other. Bytes that
 * arrive while one is in progress stay in the decoder, and reading stops when there are some.
 */
public final class ClientHandler extends ChannelInboundHandlerAdapter implements Exchange.Owner, Inactivity.Output {
    private static final Logger log = LoggerFactory.getLogger(ClientHandler.class);

    /** How long a worker that ends waits for the request after one that took longer than its idle clients have. */
    private static final long LAST_REQUEST_MILLIS = 1000;

    private final Proxy proxy;
    private final RequestDecoder decoder;
    private final ClientConnection client;
    private final EventExecutor loop;
    private final InactivityTimer timer;
    private @Nullable Exchange exchange;
    /** The next request waits until the client has fetched the answers so far. */
    private boolean unfetched;

    private boolean draining;
    /** Of a worker that ends: no further request is waited for. */
    private boolean idleTimeOver;
    /** The last response is on its way out; whatever else the client sends is thrown away. */
    private boolean closing;

    ClientHandler(Proxy proxy, RequestDecoder decoder, ClientConnection client, EventExecutor loop) {
        this.proxy = proxy;
        this.decoder = decoder;
        this.client = client;
        this.loop = loop;
        this.timer = new InactivityTimer(
                loop, proxy.nanoClock(), proxy.services().settings().tcpTimeout(), this, this::inactive);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        timer.start();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (closing) {
            ReferenceCountUtil.release(message);
            return;
        }
        timer.touch();
        if (message instanceof RequestHead head) {
            Exchange next = new Exchange(proxy, client, this, head);
            exchange = next;
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
        client.page(
                false,
                malformed.status(),
                proxy.services().pages().page(malformed.status(), malformed.reason()),
                false,
                DebugHeaders.NONE);
        exchangeEnded(false);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (exchange != null) {
            exchange.requestReadComplete();
            if (decoder.holdsBytes()) {
                client.gate().pause(Reason.INBOX);
            }
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        timer.touch();
        if (exchange != null) {
            exchange.clientWritabilityChanged();
        } else if (unfetched && !closing) {
            nextRequest();
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        timer.stop();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        timer.stop();
        if (exchange != null) {
            exchange.clientLeft();
            exchange = null;
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof DrainRequested) {
            draining = true;
        } else if (event instanceof IdleTimeOver) {
            idleTimeOver = true;
            closeUnlessBusy();
        }
    }

    private void closeUnlessBusy() {
        if (exchange == null && !closing && !decoder.inHead()) {
            closeIdle();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException || cause.getCause() instanceof SSLException) {
            // a reset, or something that is no TLS: the client's own business
            log.debug("{}: {}", client.identity().address(), cause.toString());
        } else {
            log.error(
                    "closing the connection of {}: unexpected {}",
                    client.identity().address(),
                    cause.toString(),
                    cause);
        }
        ctx.close();
    }

    // what the exchange tells

    @Override
    public void exchangeEnded(boolean keepAlive) {
        exchange = null;
        if (!keepAlive) {
            close();
        } else {
            if (idleTimeOver) {
                // its head had promised to keep the connection, and the next request may be on its way
                loop.schedule(this::closeUnlessBusy, LAST_REQUEST_MILLIS, TimeUnit.MILLISECONDS);
            }
            nextRequest();
        }
    }

    /** Goes on as soon as the client fetches its answers, so that those of pipelined requests do not pile up. */
    private void nextRequest() {
        unfetched = !client.isWritable();
        if (unfetched) {
            client.gate().pause(Reason.INBOX);
        } else {
            client.gate().resume(Reason.INBOX);
            decoder.next();
        }
    }

    @Override
    public void touch() {
        timer.touch();
    }

    @Override
    public boolean isDraining() {
        return draining;
    }

    @Override
    public void becomeTunnel(UpstreamConnection backend, AccessLogEntry line) {
        timer.stop();
        exchange = null;
        new Tunnel(proxy, client, backend, line).begin(this, decoder, backend);
    }

    @Override
    public long writeProgress() {
        return client.writeProgress() + (exchange == null ? 0 : exchange.writeProgress());
    }

    @Override
    public long nanosSinceSent() {
        long toBackend = exchange == null ? Long.MAX_VALUE : exchange.nanosSinceSent();
        return Math.min(client.nanosSinceSent(), toBackend);
    }

    private void inactive() {
        if (exchange != null) {
            exchange.timedOut();
        } else if (client.writeProgress() != 0) {
            // the end of a response that nobody fetches
            client.cut();
        } else {
            client.close();
        }
    }

    /** Closes behind what was written. */
    private void close() {
        closing = true;
        decoder.ignoreRest();
        client.closeAfterReading();
    }

    private void closeIdle() {
        closing = true;
        decoder.ignoreRest();
        client.closeIdle();
    }
}
