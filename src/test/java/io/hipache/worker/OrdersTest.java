package io.hipache.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.config.ConfigJson;
import io.hipache.link.WorkerMessage;
import io.hipache.link.WorkerMessages;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OrdersTest {
    private static final String ADDRESS =
            "hipache-orders-test-" + ProcessHandle.current().pid();

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());

    @AfterEach
    void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "400, 300", "1000, 750", "1600, 1200", "8000, 7600", "60000, 59600"})
    void leavesTheProgramTimeToEndWithinItsStopTimeout(long stopTimeoutMillis, long forRequestsMillis) {
        assertThat(Orders.forRequests(Duration.ofMillis(stopTimeoutMillis)))
                .isEqualTo(Duration.ofMillis(forRequestsMillis));
    }

    @Test
    @Timeout(20)
    void answersPingsAndStopsWhileAHandoverIsSlow() throws Exception {
        Channel silentSupervisor = new Bootstrap()
                .group(group)
                .channel(EpollServerDomainSocketChannel.class)
                .handler(new ChannelInboundHandlerAdapter())
                .bind(new DomainSocketAddress("\0" + ADDRESS))
                .syncUninterruptibly()
                .channel();
        PipedOutputStream orders = new PipedOutputStream();
        PipedInputStream reports = new PipedInputStream();
        SupervisorLink supervisor = new SupervisorLink(new PipedOutputStream(reports));
        Worker worker = new Worker(
                ConfigJson.decode("{\"server\": {\"stopTimeout\": 2}}"),
                0,
                group,
                ADDRESS,
                (config, loop, ends, admission) -> listener -> new ChannelInboundHandlerAdapter(),
                supervisor);
        Thread reader = new Thread(new Orders(new PipedInputStream(orders), worker, supervisor));
        reader.setDaemon(true);
        reader.start();

        WorkerMessages.write(new WorkerMessage.Adopt("token", List.of(new WorkerMessage.Adopt.Socket(1, 0))), orders);
        for (int ping = 1; ping <= 3; ping++) {
            WorkerMessages.write(new WorkerMessage.Ping(ping), orders);
            assertThat(WorkerMessages.read(reports)).isEqualTo(new WorkerMessage.Pong(ping));
        }
        WorkerMessages.write(new WorkerMessage.Stop(), orders);

        worker.ended().get(10, TimeUnit.SECONDS);
        silentSupervisor.close().syncUninterruptibly();
    }
}
