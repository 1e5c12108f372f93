package io.hipache.link;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.DomainSocketReadMode;
import io.netty.channel.unix.Errors;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Hands listening sockets to other processes, over a unix socket in the abstract namespace of Linux. Such a socket leaves
 * no file behind, however the supervisor ends. Every local process can connect to it. So a connection is closed at once
 * unless the kernel says ({@code SO_PEERCRED}) that it comes from a process with an open offer, and the sockets of an offer
 * are given once, for the right token.
 *
 * <p>The worker sends its token and a line feed. The supervisor answers with the descriptors of that offer
 * ({@code SCM_RIGHTS}), in the order of the offer, and closes the connection. Owned by the supervisor for its whole life.
 */
public final class SocketHandover implements AutoCloseable {
    /** Within this time a worker must have its sockets. A machine under load may need some seconds. */
    static final Duration TIME_LIMIT = Duration.ofSeconds(30);

    static final int TOKEN_CHARS = 32;

    private static final long RETRY_MILLIS = 5;

    private static final SecureRandom RANDOM = new SecureRandom();

    private final String address;
    private final Channel channel;
    private final Offers offers;

    /** The open offers, by the process that may fetch them. May be used on any thread. */
    static final class Offers {
        /** A process connects once for each offer. The second time covers a connection that was lost. */
        private static final int CONNECTIONS_PER_OFFER = 2;

        private static final class Guest {
            private final Map<String, List<FileDescriptor>> byToken = new HashMap<>();
            private int connectionsLeft;
        }

        private final Map<Long, Guest> guests = new HashMap<>();

        synchronized void add(long pid, String token, List<FileDescriptor> sockets) {
            Guest guest = guests.computeIfAbsent(pid, added -> new Guest());
            guest.byToken.put(token, List.copyOf(sockets));
            guest.connectionsLeft += CONNECTIONS_PER_OFFER;
        }

        /** Whether this process has an open offer, and has not connected too often to fetch it. Counts the connection. */
        synchronized boolean expects(long pid) {
            Guest guest = guests.get(pid);
            return guest != null && guest.connectionsLeft-- > 0;
        }

        /** Takes the sockets of an offer. A wrong token takes all offers from the process, and the result is null. */
        synchronized @Nullable List<FileDescriptor> take(long pid, String token) {
            Guest guest = guests.get(pid);
            // only one process can use a token, so this comparison need not take constant time
            List<FileDescriptor> sockets = guest == null ? null : guest.byToken.remove(token);
            if (guest != null && (sockets == null || guest.byToken.isEmpty())) {
                guests.remove(pid);
            }
            return sockets;
        }

        synchronized void withdraw(long pid) {
            guests.remove(pid);
        }
    }

    private SocketHandover(String address, Channel channel, Offers offers) {
        this.address = address;
        this.channel = channel;
        this.offers = offers;
    }

    /** Opens the unix socket on {@code group}. */
    public static SocketHandover open(EventLoopGroup group) {
        // the address travels as text in messages, so the leading NUL byte of an abstract name is left out
        String address = "hipache-" + randomToken();
        Offers offers = new Offers();
        Channel channel = new Bootstrap()
                .group(group)
                .channel(EpollServerDomainSocketChannel.class)
                .handler(new LocalAcceptor(
                        "asked for listening sockets without an offer",
                        // each worker fetches its own
                        Integer.MAX_VALUE,
                        process -> offers.expects(process.pid()) ? new HandoverHandler(offers, process.pid()) : null))
                .bind(abstractAddress(address))
                .syncUninterruptibly()
                .channel();
        return new SocketHandover(address, channel, offers);
    }

    /** 128 random bits, in hexadecimal. */
    private static String randomToken() {
        byte[] bytes = new byte[TOKEN_CHARS / 2];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** The address of this unix socket, for {@link #receive}. */
    public String address() {
        return address;
    }

    /**
     * Lets the process {@code pid} fetch these sockets once, until {@link #withdraw}. The sockets stay open here.
     *
     * @return the token that the process must send
     */
    public String offer(long pid, List<FileDescriptor> sockets) {
        String token = randomToken();
        offers.add(pid, token, sockets);
        return token;
    }

    /** Withdraws all offers to the process {@code pid}. */
    public void withdraw(long pid) {
        offers.withdraw(pid);
    }

    @Override
    public void close() {
        channel.close().syncUninterruptibly();
    }

    /**
     * The worker's end: fetches {@code count} sockets. The caller owns them.
     *
     * @return fails with an {@link IOException} when the supervisor does not give the sockets in time
     */
    public static Future<List<FileDescriptor>> receive(EventLoopGroup group, String address, String token, int count) {
        EventLoop loop = group.next();
        Promise<List<FileDescriptor>> received = loop.newPromise();
        Future<?> timeLimit = loop.schedule(
                () -> received.tryFailure(new IOException(
                        "the supervisor gave no listening sockets within " + TIME_LIMIT.toSeconds() + " s")),
                TIME_LIMIT.toMillis(),
                TimeUnit.MILLISECONDS);
        received.addListener(done -> timeLimit.cancel(false));
        connect(loop, address, () -> new ReceiveHandler(token, count, received), received);
        return received;
    }

    /** Strangers can fill the queue of the socket for a moment. Linux then refuses with EAGAIN, and it is tried again. */
    private static void connect(
            EventLoop loop, String address, Supplier<ReceiveHandler> handler, Promise<List<FileDescriptor>> received) {
        new Bootstrap()
                .group(loop)
                .channel(EpollDomainSocketChannel.class)
                .option(UnixChannelOption.DOMAIN_SOCKET_READ_MODE, DomainSocketReadMode.FILE_DESCRIPTORS)
                .handler(handler.get())
                .connect(abstractAddress(address))
                .addListener((ChannelFuture connected) -> {
                    Throwable cause = connected.cause();
                    if (cause == null) {
                        // the answer may be late, and nobody would want it then
                        received.addListener(done -> connected.channel().close());
                    } else if (isFull(cause) && !received.isDone()) {
                        loop.schedule(
                                () -> connect(loop, address, handler, received), RETRY_MILLIS, TimeUnit.MILLISECONDS);
                    } else {
                        received.tryFailure(cause);
                    }
                });
    }

    /** Netty has no class for this error. Its message holds the number. */
    private static boolean isFull(Throwable cause) {
        return String.valueOf(cause.getMessage()).contains("(" + Errors.ERRNO_EAGAIN_NEGATIVE + ")");
    }

    private static DomainSocketAddress abstractAddress(String address) {
        return new DomainSocketAddress('\0' + address);
    }
}
