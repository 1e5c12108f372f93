package io.hipache.worker;

import io.hipache.admission.Admission;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts the connections of one listening socket. This is where a client's connection begins: {@link #channelRead}
 * asks {@link Admission}, gives the connection its pipeline, registers it with the worker's event loop, and has
 * {@link Drain} keep it. Confined to the event loop.
 *
 * <p>Netty has an acceptor of its own. It does not count what it accepts, and it logs a failure with a stack trace.
 */
final class Acceptor extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(Acceptor.class);

    /** When the process has no file descriptors left, the next accept would fail as well. */
    private static final long PAUSE_MILLIS = 1_000;

    /** {@link io.hipache.proxy.Proxy#pipeline}, except in some tests. */
    private final ChannelHandler clientPipeline;

    private final Drain drain;
    private final Admission admission;
    private final ChannelFutureListener ended;
    private long accepted;

    Acceptor(ChannelHandler clientPipeline, Drain drain, Admission admission) {
        this.clientPipeline = clientPipeline;
        this.drain = drain;
        this.admission = admission;
        this.ended = closed -> admission.connectionEnded();
    }

    /** How many connections this acceptor has accepted. */
    long accepted() {
        return accepted;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        Channel client = (Channel) message;
        accepted++;
        if (!admission.admitConnection()) {
            client.unsafe().closeForcibly();
            return;
        }
        client.closeFuture().addListener(ended);
        client.pipeline().addLast(clientPipeline);
        ctx.channel().eventLoop().register(client).addListener(registered -> {
            if (registered.isSuccess()) {
                drain.add(client);
            } else {
                log.warn(
                        "closing a client's connection, because the event loop cannot register it: {}",
                        String.valueOf(registered.cause()));
                client.unsafe().closeForcibly();
            }
        });
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        Channel listening = ctx.channel();
        log.warn(
                "cannot accept connections on {}, trying again in {} ms: {}",
                listening.localAddress(),
                PAUSE_MILLIS,
                cause.getMessage());
        listening.config().setAutoRead(false);
        listening.eventLoop().schedule(() -> listening.config().setAutoRead(true), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }
}
