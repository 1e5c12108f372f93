package io.hipache.proxy.http1;

import io.hipache.http.RequestDecoder;
import io.hipache.net.InactivityTimer;
import io.hipache.outcome.EndReason;
import io.hipache.proxy.exchange.AddedHeaders;
import io.hipache.proxy.exchange.ClientIdentity;
import io.hipache.proxy.exchange.ProxyServices;
import io.hipache.proxy.exchange.UnreadableRequest;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;

/**
 * Last and only handler of a client that spoke plain HTTP to a TLS listener: it gets a page, and the rest is dropped. A client
 * that does not fetch the page is cut off.
 */
public final class PlainRefusal extends ChannelInboundHandlerAdapter {
    /** As long as a handshake may take. */
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private static final int STATUS = 400;
    private static final String MESSAGE = "plain HTTP request sent to an HTTPS port";

    private final InactivityTimer timer;

    private PlainRefusal(InactivityTimer timer) {
        this.timer = timer;
    }

    /**
     * Answers a client whose channel has no handlers any more, and closes.
     *
     * @param request what has arrived of its request, for the access log
     */
    public static void answer(ProxyServices services, Channel channel, ClientIdentity identity, ByteBuf request) {
        ClientOutput output = new ClientOutput(channel);
        InactivityTimer timer =
                new InactivityTimer(channel.eventLoop(), services.nanoClock(), TIMEOUT, output, output::cut);
        channel.pipeline().addLast(new PlainRefusal(timer));
        timer.start();
        Http1ResponseWriter writer = new Http1ResponseWriter(output);
        writer.page(false, STATUS, services.pages().page(STATUS, MESSAGE), false, AddedHeaders.NONE);
        services.ends()
                .accept(UnreadableRequest.end(
                        identity,
                        RequestDecoder.startLine(request, request.readerIndex()),
                        STATUS,
                        EndReason.PLAIN_HTTP_ON_TLS_PORT,
                        output.bytesWritten(),
                        writer.bodyBytesWritten()));
        output.closeAfterReading(false);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ReferenceCountUtil.release(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        timer.stop();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // a reset: the client's own business
        ctx.close();
    }
}
