package io.hipache.supervisor.service;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the program's state to the service manager: datagrams to {@code NOTIFY_SOCKET}, as in systemd's sd_notify(3). Sends
 * nothing when there is no service manager. Its methods may be called on any thread. Messages of one thread arrive in order.
 */
public final class ServiceNotifier {
    private static final Logger log = LoggerFactory.getLogger(ServiceNotifier.class);

    private static final String ABSTRACT = "@";

    private final EventLoopGroup group;
    private final @Nullable DomainSocketAddress manager;
    private final Duration watchdog;
    /** Another process reports for the service. */
    private volatile boolean muted;

    /**
     * Takes the socket and the watchdog from the environment.
     *
     * @param group must be of the epoll transport
     */
    public ServiceNotifier(EventLoopGroup group, Map<String, String> environment) {
        this.group = group;
        String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
        this.manager = socket.isEmpty() ? null : new DomainSocketAddress(pathOf(socket));
        this.watchdog = manager == null ? Duration.ZERO : watchdog(environment);
    }

    /** The name of an abstract socket, which is written with an {@code @}, begins with a NUL byte. */
    private static String pathOf(String socket) {
        return socket.startsWith(ABSTRACT) ? "\0" + socket.substring(1) : socket;
    }

    private static Duration watchdog(Map<String, String> environment) {
        String self = String.valueOf(ProcessHandle.current().pid());
        if (!environment.getOrDefault("WATCHDOG_PID", self).equals(self)) {
            return Duration.ZERO;
        }
        try {
            long micros = Long.parseLong(environment.getOrDefault("WATCHDOG_USEC", "0"));
            return Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(Math.max(0, micros)));
        } catch (NumberFormatException e) {
            log.warn("WATCHDOG_USEC of the service manager is not a number, its watchdog gets no messages");
            return Duration.ZERO;
        }
    }

    /** Whether there is a service manager. */
    public boolean hasManager() {
        return manager != null;
    }

    /** Sends nothing until {@link #unmute}, because another process reports for the service. */
    public void mute() {
        muted = true;
    }

    public void unmute() {
        muted = false;
    }

    /**
     * Names another process as the main process of the service, and sends nothing more. systemd accepts this message only
     * from the present main process.
     *
     * @return completes when the message has been sent, or could not be sent
     */
    public CompletableFuture<@Nullable Void> handOverTo(long pid) {
        CompletableFuture<@Nullable Void> sent = send("MAINPID=" + pid);
        mute();
        return sent;
    }

    /** How often to call {@link #alive}: twice within the watchdog's time. Zero means never. */
    Duration aliveInterval() {
        return watchdog.dividedBy(2);
    }

    public void ready(String status) {
        send("READY=1\nSTATUS=" + status);
    }

    public void reloading() {
        // systemd wants CLOCK_MONOTONIC, which nanoTime reads on Linux
        send("RELOADING=1\nMONOTONIC_USEC=" + System.nanoTime() / 1000 + "\nSTATUS=following another configuration");
    }

    public void stopping() {
        send("STOPPING=1\nSTATUS=finishing what is in flight");
    }

    void alive() {
        send("WATCHDOG=1");
    }

    /** Opens a socket for each message: there are few, and the manager may have been restarted in between. */
    private CompletableFuture<@Nullable Void> send(String message) {
        CompletableFuture<@Nullable Void> sent = new CompletableFuture<>();
        if (manager == null || muted) {
            sent.complete(null);
            return sent;
        }
        new Bootstrap()
                .group(group)
                .channel(EpollDomainDatagramChannel.class)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(manager)
                .addListener((ChannelFuture connected) -> {
                    if (connected.isSuccess()) {
                        connected
                                .channel()
                                .writeAndFlush(Unpooled.copiedBuffer(message, StandardCharsets.UTF_8))
                                .addListener(written -> end(sent, written.cause()))
                                .addListener(ChannelFutureListener.CLOSE);
                    } else {
                        end(sent, connected.cause());
                    }
                });
        return sent;
    }

    private static void end(CompletableFuture<@Nullable Void> sent, @Nullable Throwable cause) {
        if (cause != null) {
            log.warn("cannot send to the service manager: {}", cause.getMessage());
        }
        sent.complete(null);
    }
}
