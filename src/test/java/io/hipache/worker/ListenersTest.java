package io.hipache.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.admission.Admission;
import io.hipache.admission.AdmissionLimits;
import io.hipache.admission.ClientPlace;
import io.hipache.config.HipacheConfig.Listener;
import io.hipache.config.HipacheConfig.Tls;
import io.hipache.link.SocketHandover;
import io.hipache.outcome.EndReason;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.supervisor.sockets.ListeningSockets;
import io.hipache.supervisor.sockets.SocketSets;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ListenersTest {
    private static final Listener LISTENER = new Listener("127.0.0.1", 0, null);

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final Drain drain = new Drain(loop);
    private final List<ExchangeEnd> ends = new CopyOnWriteArrayList<>();
    private final Refusal refusal = new Refusal(ends::add);
    private final Listeners listeners = new Listeners(loop, drain, new Admission(AdmissionLimits.NONE), refusal);
    private final ListeningSockets sockets;
    private final List<Socket> clients = new ArrayList<>();

    ListenersTest() throws Exception {
        sockets = ListeningSockets.bind(List.of(LISTENER), 1, group);
    }

    @AfterEach
    void close() throws IOException {
        for (Socket client : clients) {
            client.close();
        }
        sockets.close();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void acceptsWhatWaitedInTheQueueAndWhatComes() throws Exception {
        connect();

        listen();
        connect();

        awaitClients(2);
    }

    @Test
    void takesSeveralConnectionsInATurnAndThenLetsOthersHaveTheirs() throws Exception {
        int most = 16;
        for (int i = 0; i < most + 4; i++) {
            connect();
        }
        CompletableFuture<Long> inFirstTurn = new CompletableFuture<>();

        // a task runs when the loop is through with the sockets of this turn
        listen(listeners, new FirstSeen(() -> loop.execute(() -> inFirstTurn.complete(listeners.accepted()))));

        assertThat(inFirstTurn.get(10, TimeUnit.SECONDS)).isEqualTo(most);
        awaitClients(most + 4);
    }

    @Test
    void leavesTheQueueToTheNextWorker() throws Exception {
        listen();
        loop.submit(() -> listeners.close(7)).sync();

        connect();

        assertThat(clientCount()).isZero();
        listen(new Listeners(loop, drain, new Admission(AdmissionLimits.NONE), refusal));
        awaitClients(1);
    }

    @Test
    void takesASocketAgainThatItHasAlready() throws Exception {
        listen();
        listen();

        connect();

        awaitClients(1);
        loop.submit(() -> listeners.close(7)).sync();
        connect();
        assertThat(clientCount()).isEqualTo(1);
    }

    @Test
    void tellsAClientThatItsConnectionIsRefused() throws Exception {
        Admission one = new Admission(new AdmissionLimits(1, 1, 1, 1, 1));
        listen(new Listeners(loop, drain, one, refusal), new Busy());
        connect();
        awaitClients(1);

        connect();

        String answer = new String(clients.get(1).getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertThat(answer)
                .startsWith("HTTP/1.1 503 ")
                .contains("\r\nretry-after: 1\r\n")
                .endsWith("\r\n\r\ntoo many connections\n");
        assertThat(clientCount()).isEqualTo(1);
        assertThat(one.refused()).isEqualTo("1 connections");
        ExchangeEnd end = ends.get(0);
        assertThat(end.reason()).isEqualTo(EndReason.LIMIT_CONNECTIONS);
        assertThat(end.status()).isEqualTo(503);
        assertThat(end.bytes()).isEqualTo(answer.length());
        assertThat(end.bodyBytes()).isEqualTo("too many connections\n".length());
        assertThat(end.clientAddress()).isEqualTo("::ffff:127.0.0.1");
        assertThat(end.listener()).isEqualTo("127.0.0.1:" + clients.get(1).getPort());
        clients.get(0).close();
        await().until(() -> loop.submit(one::connections).sync().getNow() == 0);
    }

    /** It gets no answer, because it would not understand one without a handshake. */
    @Test
    void tellsOfAConnectionOfTlsThatIsRefused() throws Exception {
        Admission one = new Admission(new AdmissionLimits(1, 1, 1, 1, 1));
        Tls tls = new Tls(Path.of("key"), Path.of("cert"));
        listen(new Listeners(loop, drain, one, refusal), new Listener("127.0.0.1", 0, tls), new Busy());
        connect();
        awaitClients(1);

        connect();

        assertThat(clients.get(1).getInputStream().read()).isEqualTo(-1);
        await().until(() -> ends.size() == 1);
        ExchangeEnd end = ends.get(0);
        assertThat(end.reason()).isEqualTo(EndReason.LIMIT_CONNECTIONS);
        assertThat(end.status()).isZero();
        assertThat(end.bytes()).isZero();
        assertThat(end.clientAddress()).isEqualTo("::ffff:127.0.0.1");
    }

    @Test
    void closesAnIdleConnectionForANewOne() throws Exception {
        Admission one = new Admission(new AdmissionLimits(1, 1, 1, 1, 1));
        listen(new Listeners(loop, drain, one, refusal), new Silent());
        connect();
        awaitClients(1);

        connect();

        assertThat(clients.get(0).getInputStream().read())
                .as("the end of the first")
                .isEqualTo(-1);
        awaitClients(1);
        assertThat(one.refused()).isEqualTo("1 idle_connections");
    }

    private void listen() throws Exception {
        listen(listeners);
    }

    private void listen(Listeners listening) throws Exception {
        listen(listening, new Silent());
    }

    private void listen(Listeners listening, ChannelHandler pipeline) throws Exception {
        listen(listening, LISTENER, pipeline);
    }

    private void listen(Listeners listening, Listener listener, ChannelHandler pipeline) throws Exception {
        FileDescriptor socket = handedOver();
        loop.submit(() -> listening.listen(7, socket, new WorkerConfig.Behind(listener, pipeline, false)))
                .sync()
                .getNow()
                .sync();
    }

    /** The socket as a worker gets it: the same socket, with a file descriptor of its own. */
    private FileDescriptor handedOver() throws Exception {
        try (SocketHandover handover = SocketHandover.open(group)) {
            String token = handover.offer(ProcessHandle.current().pid(), SocketSets.descriptors(sockets, 0));
            return SocketHandover.receive(group, handover.address(), token, 1)
                    .syncUninterruptibly()
                    .getNow()
                    .get(0);
        }
    }

    private void connect() throws IOException {
        int port = URI.create(sockets.urls().get(0)).getPort();
        clients.add(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    private int clientCount() throws Exception {
        return loop.submit(drain::size).sync().getNow();
    }

    private void awaitClients(int count) {
        await().until(() -> clientCount() == count);
    }

    @Sharable
    private static final class Silent extends ChannelInboundHandlerAdapter {}

    /** Does something for the first connection. */
    @Sharable
    private static final class FirstSeen extends ChannelInboundHandlerAdapter {
        private final Runnable action;
        private boolean seen;

        private FirstSeen(Runnable action) {
            this.action = action;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            if (!seen) {
                seen = true;
                action.run();
            }
        }
    }

    /** Always has a request under way. */
    @Sharable
    private static final class Busy extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ClientPlace.of(ctx.channel()).busy();
        }
    }
}
