package io.hipache.worker;

import io.hipache.admission.Admission;
import io.hipache.net.ModestReads;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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

    private WorkerConfig.Behind behind;
    private final Drain drain;
    private final Admission admission;
    private final Refusal refusal;
    private long accepted;

    /** @param behind the listener of the socket */
    Acceptor(WorkerConfig.Behind behind, Drain drain, Admission admission, Refusal refusal) {
        this.behind = behind;
        this.drain = drain;
        this.admission = admission;
        this.refusal = refusal;
    }

    WorkerConfig.Behind behind() {
        return behind;
    }

    /** From now on, accepted connections belong to this listener. */
    void follow(WorkerConfig.Behind other) {
        behind = other;
    }

    /** How many connections this acceptor has accepted. */
    long accepted() {
        return accepted;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        Channel client = (Channel) message;
        accepted++;
        InetAddress address = client.remoteAddress() instanceof InetSocketAddress remote ? remote.getAddress() : null;
        if (admission.admitConnection(client, address) == null) {
            refusal.answer(client, behind);
            client.unsafe().closeForcibly();
            return;
        }
        client.config().setRecvByteBufAllocator(ModestReads.INSTANCE);
        client.pipeline().addLast(behind.clientPipeline());
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
