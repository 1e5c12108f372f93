package io.hipache.worker;

import io.hipache.admission.Admission;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes connections from one listening socket into the worker's event loop. Confined to it.
 *
 * <p>Netty's own acceptor would do, but it neither tells when nothing more is waiting nor logs a failure in one line.
 */
final class Acceptor extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(Acceptor.class);

    /** Without file descriptors left, accepting at once again would only turn in circles. */
    private static final long PAUSE_MILLIS = 1_000;

    private final ChannelHandler clientPipeline;
    private final Drain drain;
    private final Admission admission;
    private long accepted;

    Acceptor(ChannelHandler clientPipeline, Drain drain, Admission admission) {
        this.clientPipeline = clientPipeline;
        this.drain = drain;
        this.admission = admission;
    }

    /** How many connections were accepted until now. */
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
        client.closeFuture().addListener(closed -> admission.connectionEnded());
        client.pipeline().addLast(clientPipeline);
        ctx.channel().eventLoop().register(client).addListener(registered -> {
            if (registered.isSuccess()) {
                drain.add(client);
            } else {
                log.warn(
                        "a client's connection is lost, it cannot be registered: {}",
                        String.valueOf(registered.cause()));
                client.unsafe().closeForcibly();
            }
        });
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        Channel listening = ctx.channel();
        log.warn(
                "accepting on {} failed and pauses for {} ms: {}",
                listening.localAddress(),
                PAUSE_MILLIS,
                cause.getMessage());
        listening.config().setAutoRead(false);
        listening.eventLoop().schedule(() -> listening.config().setAutoRead(true), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }
}
