package io.hipache.process;

import static io.hipache.process.RunningProgram.signal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Other processes of the machine, which can reach the supervisor's unix sockets as every process can. */
class LocalNeighboursIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int CONNECTIONS = 3_000;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Path folder;

    LocalNeighboursIT(@TempDir Path folder) {
        this.folder = folder;
    }

    @AfterEach
    void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void replacesAWorkerWhileAStrangerFillsTheSocketOfTheHandover() throws Exception {
        try (RunningProgram program = RunningProgram.startAndAwait(folder, 2)) {
            String address = handoverAddress(program);
            int descriptors = descriptors(program).size();
            long begun = System.nanoTime();

            for (int i = 0; i < CONNECTIONS; i++) {
                connect(address);
            }
            long killed = program.anyWorker();
            signal("KILL", killed);
            for (int i = 0; i < CONNECTIONS; i++) {
                connect(address);
            }
            program.awaitOutput("is ready", 3);

            await().atMost(PATIENCE).until(() -> descriptors(program).size() < descriptors + 50);
            Set<Long> serving = new HashSet<>();
            await().atMost(PATIENCE).until(() -> {
                serving.add(program.get());
                return serving.equals(program.workers());
            });
            long seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds();
            assertThat(program.count("without an offer")).isPositive().isLessThanOrEqualTo((int) seconds + 2);
        }
    }

    /** Whether the stranger is still connected does not matter: nobody closes its side. */
    private void connect(String address) {
        Channel channel = new Bootstrap()
                .group(group)
                .channel(EpollDomainSocketChannel.class)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(new DomainSocketAddress("\0" + address))
                .awaitUninterruptibly()
                .channel();
        assertThat(channel).isNotNull();
    }

    /** The name of the abstract socket of this program: the kernel lists the names with the inodes of the sockets. */
    private static String handoverAddress(RunningProgram program) throws IOException {
        Set<String> own = new HashSet<>();
        for (Path descriptor : descriptors(program)) {
            try {
                own.add(Files.readSymbolicLink(descriptor).toString().replaceAll("\\D", ""));
            } catch (NoSuchFileException e) {
                // the program has closed it meanwhile
            }
        }
        return Files.readAllLines(Path.of("/proc/net/unix")).stream()
                .filter(line -> line.matches(".* @hipache-[0-9a-f]{32}"))
                .filter(line -> own.contains(line.trim().split(" +", -1)[6]))
                .map(line -> line.substring(line.indexOf('@') + 1))
                .findFirst()
                .orElseThrow();
    }

    private static List<Path> descriptors(RunningProgram program) throws IOException {
        try (Stream<Path> files =
                Files.list(Path.of("/proc", String.valueOf(program.process().pid()), "fd"))) {
            return files.toList();
        }
    }
}
