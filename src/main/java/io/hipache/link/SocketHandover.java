package io.hipache.link;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.DomainSocketReadMode;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Hands listening sockets to other processes, over a unix socket in the abstract namespace of Linux. Such a socket leaves
 * no file behind, however the supervisor ends. Every local process can connect to it. So the listening sockets go only to
 * the process id that they were offered to, which the kernel reports ({@code SO_PEERCRED}), and only for the right token.
 *
 * <p>The worker sends its token and a line feed. The supervisor answers with the descriptors of that offer
 * ({@code SCM_RIGHTS}), in the order of the offer, and closes the connection. Owned by the supervisor for its whole life.
 */
public final class SocketHandover implements AutoCloseable {
    static final int CONNECT_TIMEOUT_MILLIS = 10_000;

    private static final SecureRandom RANDOM = new SecureRandom();

    private final String address;
    private final Channel channel;
    private final Map<Offer, List<FileDescriptor>> offers;

    /** Which process may fetch sockets, and with which token. */
    record Offer(long pid, String token) {}

    private SocketHandover(String address, Channel channel, Map<Offer, List<FileDescriptor>> offers) {
        this.address = address;
        this.channel = channel;
        this.offers = offers;
    }

    /** Opens the unix socket on {@code group}. */
    public static SocketHandover open(EventLoopGroup group) {
        // the address travels as text in messages, so the leading NUL byte of an abstract name is left out
        String address = "hipache-" + randomToken();
        Map<Offer, List<FileDescriptor>> offers = new ConcurrentHashMap<>();
        Channel channel = new ServerBootstrap()
                .group(group)
                .channel(EpollServerDomainSocketChannel.class)
                .childHandler(new ChannelInitializer<EpollDomainSocketChannel>() {
                    @Override
                    protected void initChannel(EpollDomainSocketChannel worker) {
                        worker.pipeline().addLast(new HandoverHandler(offers));
                    }
                })
                .bind(abstractAddress(address))
                .syncUninterruptibly()
                .channel();
        return new SocketHandover(address, channel, offers);
    }

    /** 128 random bits, in hexadecimal. */
    private static String randomToken() {
        byte[] bytes = new byte[16];
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
        offers.put(new Offer(pid, token), List.copyOf(sockets));
        return token;
    }

    /** Withdraws all offers to the process {@code pid}. */
    public void withdraw(long pid) {
        offers.keySet().removeIf(offer -> offer.pid() == pid);
    }

    @Override
    public void close() {
        channel.close().syncUninterruptibly();
    }

    /**
     * The worker's end: fetches {@code count} sockets. The caller owns them.
     *
     * @return fails with an {@link java.io.IOException} when the supervisor does not give the sockets
     */
    public static Future<List<FileDescriptor>> receive(EventLoopGroup group, String address, String token, int count) {
        Promise<List<FileDescriptor>> received = group.next().newPromise();
        ChannelFuture connected = new Bootstrap()
                .group(group)
                .channel(EpollDomainSocketChannel.class)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                .option(UnixChannelOption.DOMAIN_SOCKET_READ_MODE, DomainSocketReadMode.FILE_DESCRIPTORS)
                .handler(new ReceiveHandler(token, count, received))
                .connect(abstractAddress(address));
        connected.addListener(future -> {
            if (!future.isSuccess()) {
                received.tryFailure(future.cause());
            }
        });
        return received;
    }

    private static DomainSocketAddress abstractAddress(String address) {
        return new DomainSocketAddress('\0' + address);
    }
}
