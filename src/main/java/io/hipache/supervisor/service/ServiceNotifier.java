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
 * Tells the service manager how far the program is: datagrams to {@code NOTIFY_SOCKET}, as systemd's sd_notify(3) has it.
 * Silent where there is none. Suits any thread; what is sent on one thread arrives in its order.
 */
public final class ServiceNotifier {
    private static final Logger log = LoggerFactory.getLogger(ServiceNotifier.class);

    private static final String ABSTRACT = "@";

    private final EventLoopGroup group;
    private final @Nullable DomainSocketAddress manager;
    private final Duration watchdog;
    /** Another process speaks for the service. */
    private volatile boolean muted;

    /**
     * As the environment says.
     *
     * @param group of an epoll transport
     */
    public ServiceNotifier(EventLoopGroup group, Map<String, String> environment) {
        this.group = group;
        String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
        this.manager = socket.isEmpty() ? null : new DomainSocketAddress(pathOf(socket));
        this.watchdog = manager == null ? Duration.ZERO : watchdog(environment);
    }

    /** In the namespace of names that are no files, the first byte is NUL. */
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
            log.warn("the service manager's WATCHDOG_USEC is no number, no signs of life are sent");
            return Duration.ZERO;
        }
    }

    /** Whether there is a service manager. */
    public boolean hasManager() {
        return manager != null;
    }

    /** Says nothing until {@link #unmute}: another process does. */
    public void mute() {
        muted = true;
    }

    public void unmute() {
        muted = false;
    }

    /**
     * Leaves it to another process to speak for the service: only the one that does may name the next one.
     *
     * @return complete when the manager has been sent, or cannot be
     */
    public CompletableFuture<@Nullable Void> handOverTo(long pid) {
        CompletableFuture<@Nullable Void> sent = send("MAINPID=" + pid);
        mute();
        return sent;
    }

    /** How often {@link #alive} is to be called, zero for never: twice in the time after which we count as hung. */
    Duration aliveInterval() {
        return watchdog.dividedBy(2);
    }

    public void ready(String status) {
        send("READY=1\nSTATUS=" + status);
    }

    public void reloading() {
        // CLOCK_MONOTONIC, which is what nanoTime reads on Linux
        send("RELOADING=1\nMONOTONIC_USEC=" + System.nanoTime() / 1000 + "\nSTATUS=replacing the workers");
    }

    public void stopping() {
        send("STOPPING=1\nSTATUS=finishing what is in flight");
    }

    void alive() {
        send("WATCHDOG=1");
    }

    /** A socket for each message: there are few, and the manager may have been started anew in between. */
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
            log.warn("the service manager cannot be sent: {}", cause.getMessage());
        }
        sent.complete(null);
    }
}
