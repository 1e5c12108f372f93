package io.hipache.link;

import io.hipache.messages.Quantity;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.PeerCredentials;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts the connections to a unix socket that every process of the machine can reach. The kernel says which process has
 * connected ({@code SO_PEERCRED}). A connection of a stranger is closed before anything is read from it or allocated for it.
 * A process that is welcome may have {@link #MOST_CONNECTIONS} at a time. Confined to the event loop.
 */
final class LocalAcceptor extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(LocalAcceptor.class);

    /** One is enough for everything that a process has to do here. The others cover a connection that is still closing. */
    static final int MOST_CONNECTIONS = 4;

    /** When this process has no file descriptors left, the next accept would fail as well. */
    private static final long PAUSE_MILLIS = 1_000;

    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Decides who is welcome. */
    interface Reception {
        /** The handler of a connection of this process, null for a stranger. */
        @Nullable
        ChannelHandler welcome(PeerCredentials process);
    }

    private final String purpose;
    private final int mostInAll;
    private final Reception reception;
    private final Map<Integer, Integer> connections = new HashMap<>();
    private int open;
    private long refused;
    private long lastLogged = System.nanoTime() - QUIET_NANOS;

    /**
     * Accepts the connections of one socket.
     *
     * @param purpose what a connection to this socket is for, for the log: {@code asked for sockets}
     * @param mostInAll how many connections all processes together may have at a time
     */
    LocalAcceptor(String purpose, int mostInAll, Reception reception) {
        this.purpose = purpose;
        this.mostInAll = mostInAll;
        this.reception = reception;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws IOException {
        EpollDomainSocketChannel accepted = (EpollDomainSocketChannel) message;
        PeerCredentials process;
        try {
            process = accepted.peerCredentials();
        } catch (IOException e) {
            accepted.unsafe().closeForcibly();
            throw e;
        }
        ChannelHandler handler = hasRoomFor(process) ? reception.welcome(process) : null;
        if (handler == null) {
            accepted.unsafe().closeForcibly();
            logRefused(process);
            return;
        }
        open++;
        connections.merge(process.pid(), 1, Integer::sum);
        accepted.closeFuture().addListener(closed -> ended(process.pid()));
        accepted.pipeline().addLast(handler);
        ctx.channel().eventLoop().register(accepted).addListener(registered -> {
            if (!registered.isSuccess()) {
                accepted.unsafe().closeForcibly();
            }
        });
    }

    private boolean hasRoomFor(PeerCredentials process) {
        return open < mostInAll && connections.getOrDefault(process.pid(), 0) < MOST_CONNECTIONS;
    }

    private void ended(int pid) {
        open--;
        connections.computeIfPresent(pid, (key, count) -> count == 1 ? null : count - 1);
    }

    /** Logs one line a second at most, because strangers may come as fast as the machine allows. */
    private void logRefused(PeerCredentials process) {
        refused++;
        long now = System.nanoTime();
        if (now - lastLogged >= QUIET_NANOS) {
            log.warn(
                    "process {} of user {} {} and is refused{}",
                    process.pid(),
                    process.uid(),
                    purpose,
                    refused == 1
                            ? ""
                            : ", and " + Quantity.of(refused - 1, "other connection", "other connections") + " before");
            lastLogged = now;
            refused = 0;
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        Channel listening = ctx.channel();
        log.warn(
                "cannot accept connections of local processes, trying again in {} ms: {}",
                PAUSE_MILLIS,
                cause.getMessage());
        listening.config().setAutoRead(false);
        listening.eventLoop().schedule(() -> listening.config().setAutoRead(true), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }
}
