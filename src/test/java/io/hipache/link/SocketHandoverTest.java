package io.hipache.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.testing.RecordedLog;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SocketHandoverTest {
    private static final long OWN_PID = ProcessHandle.current().pid();
    private static final long SECONDS_10 = 10_000;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final SocketHandover handover = SocketHandover.open(group);

    @AfterEach
    void close() {
        handover.close();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void handsOverDescriptorsInTheirOrder() throws IOException {
        String token = handover.offer(OWN_PID, List.of(pipe("first"), pipe("second"), pipe("third")));

        List<FileDescriptor> received = receive(token, 3).syncUninterruptibly().getNow();

        assertThat(received).extracting(SocketHandoverTest::content).containsExactly("first", "second", "third");
    }

    @Test
    void keepsTwoOffersToOneProcessApart() throws IOException {
        String one = handover.offer(OWN_PID, List.of(pipe("one")));
        String two = handover.offer(OWN_PID, List.of(pipe("two")));

        List<FileDescriptor> second = receive(two, 1).syncUninterruptibly().getNow();
        List<FileDescriptor> first = receive(one, 1).syncUninterruptibly().getNow();

        assertThat(second).extracting(SocketHandoverTest::content).containsExactly("two");
        assertThat(first).extracting(SocketHandoverTest::content).containsExactly("one");
    }

    @Test
    void handsOverOnce() throws IOException {
        String token = handover.offer(OWN_PID, List.of(pipe("first")));

        receive(token, 1).syncUninterruptibly();

        assertRefused(receive(token, 1));
    }

    @Test
    void givesNothingForTheWrongToken() throws IOException {
        String token = handover.offer(OWN_PID, List.of(pipe("first")));

        assertRefused(receive(token.substring(1), 1));
        assertRefused(receive("", 1));
        assertRefused(receive("token".repeat(100), 1));
    }

    @Test
    void givesNothingToAProcessThatIsNoWorker() throws IOException {
        String token = handover.offer(OWN_PID + 1, List.of(pipe("first")));

        assertRefused(receive(token, 1));
    }

    @Test
    void givesNothingOnceTheOfferIsWithdrawn() throws IOException {
        String token = handover.offer(OWN_PID, List.of(pipe("first")));
        handover.withdraw(OWN_PID);

        assertRefused(receive(token, 1));
    }

    @Test
    void failsWhenItGetsFewerThanExpected() throws IOException {
        String token = handover.offer(OWN_PID, List.of(pipe("first")));

        Future<List<FileDescriptor>> received = receive(token, 2).awaitUninterruptibly();

        assertThat(received.cause()).hasMessage("the supervisor gave 1 of 2 listening sockets");
    }

    @Test
    void failsWhenNobodyListens() {
        handover.close();

        assertThat(receive("token", 1).awaitUninterruptibly().cause()).isInstanceOf(IOException.class);
    }

    @Test
    void closesTheConnectionOfAStrangerAtOnce() {
        handover.offer(OWN_PID + 1, List.of());

        Channel stranger = connect();

        assertThat(stranger.closeFuture().awaitUninterruptibly(SECONDS_10)).isTrue();
    }

    @Test
    void holdsNoConnectionOfManyStrangersAndLogsOneLineASecondAtMost() {
        try (RecordedLog log = RecordedLog.of(LocalAcceptor.class)) {
            long begun = System.nanoTime();

            List<Channel> strangers =
                    Stream.generate(this::connect).limit(2_000).toList();

            strangers.forEach(stranger -> assertThat(stranger.closeFuture().awaitUninterruptibly(SECONDS_10))
                    .isTrue());
            long seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds();
            assertThat(log.lines()).isNotEmpty().hasSizeLessThanOrEqualTo((int) seconds + 2);
            assertThat(log.lines().get(0))
                    .startsWith("process " + OWN_PID + " of user ")
                    .endsWith(" asked for listening sockets without an offer and is refused");
        }
    }

    @Test
    void letsAProcessWithAnOfferConnectTwiceAndNoMore() {
        handover.offer(OWN_PID, List.of());

        List<Channel> connections = Stream.generate(this::connect).limit(5).toList();

        await().until(() -> connections.stream().filter(Channel::isActive).count() == 2);
        connections.forEach(Channel::close);
        assertThat(connect().closeFuture().awaitUninterruptibly(SECONDS_10)).isTrue();
    }

    @Test
    void takesAllOffersFromAProcessThatGuesses() throws IOException {
        String one = handover.offer(OWN_PID, List.of(pipe("one")));
        handover.offer(OWN_PID, List.of(pipe("two")));

        assertRefused(receive("0".repeat(one.length()), 1));

        assertRefused(receive(one, 1));
    }

    @Test
    void closesAConnectionWithoutATokenAfterAWhile() {
        SocketHandover.Offers offers = new SocketHandover.Offers();
        offers.add(4711, "token", List.of());
        EmbeddedChannel silent = new EmbeddedChannel(new HandoverHandler(offers, 4711));
        silent.freezeTime();
        silent.writeInbound(Unpooled.wrappedBuffer(new byte[] {'t'}));

        silent.advanceTimeBy(SocketHandover.TIME_LIMIT.toMillis() + 1, TimeUnit.MILLISECONDS);
        silent.runScheduledPendingTasks();

        assertThat(silent.isOpen()).isFalse();
    }

    @Test
    void readsNoMoreThanATokenHas() {
        SocketHandover.Offers offers = new SocketHandover.Offers();
        offers.add(4711, "token", List.of());
        EmbeddedChannel talker = new EmbeddedChannel(new HandoverHandler(offers, 4711));

        talker.writeInbound(Unpooled.wrappedBuffer(new byte[1 << 20]));

        assertThat(talker.isOpen()).isFalse();
        assertThat(offers.expects(4711)).isFalse();
    }

    @Test
    void triesAgainWhileStrangersFillTheQueue() throws IOException {
        SocketHandover.Offers offers = new SocketHandover.Offers();
        for (int i = 0; i < 10; i++) {
            offers.add(OWN_PID, "other" + i, List.of());
        }
        offers.add(OWN_PID, "token", List.of(pipe("late")));
        String address = "hipache-test-" + OWN_PID;
        Channel full = new Bootstrap()
                .group(group)
                .channel(EpollServerDomainSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 1)
                .option(ChannelOption.AUTO_READ, false)
                .handler(new LocalAcceptor(
                        "came",
                        Integer.MAX_VALUE,
                        process -> offers.expects(process.pid()) ? new HandoverHandler(offers, OWN_PID) : null))
                .bind(new DomainSocketAddress("\0" + address))
                .syncUninterruptibly()
                .channel();
        while (connect(address).isSuccess()) {
            assertThat(full.isOpen()).isTrue();
        }

        Future<List<FileDescriptor>> received = SocketHandover.receive(group, address, "token", 1);
        assertThat(received.awaitUninterruptibly(100)).isFalse();
        full.config().setAutoRead(true);

        assertThat(received.syncUninterruptibly().getNow())
                .extracting(SocketHandoverTest::content)
                .containsExactly("late");
        full.close().syncUninterruptibly();
    }

    private Channel connect() {
        return connect(handover.address()).syncUninterruptibly().channel();
    }

    private ChannelFuture connect(String address) {
        return new Bootstrap()
                .group(group)
                .channel(EpollDomainSocketChannel.class)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(new DomainSocketAddress("\0" + address))
                .awaitUninterruptibly();
    }

    private Future<List<FileDescriptor>> receive(String token, int count) {
        return SocketHandover.receive(group, handover.address(), token, count);
    }

    private static void assertRefused(Future<List<FileDescriptor>> received) {
        assertThat(received.awaitUninterruptibly().cause()).hasMessage("the supervisor gave 0 of 1 listening sockets");
    }

    /** The read end of a pipe that holds {@code content}. */
    private static FileDescriptor pipe(String content) throws IOException {
        FileDescriptor[] pipe = FileDescriptor.pipe();
        ByteBuffer bytes = ByteBuffer.allocateDirect(100).put(content.getBytes(StandardCharsets.UTF_8));
        pipe[1].write(bytes, 0, bytes.position());
        pipe[1].close();
        return pipe[0];
    }

    private static String content(FileDescriptor pipe) {
        try {
            ByteBuffer bytes = ByteBuffer.allocateDirect(100);
            byte[] content = new byte[pipe.read(bytes, 0, 100)];
            bytes.get(content);
            return new String(content, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
