package io.hipache.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SocketHandoverTest {
    private static final long OWN_PID = ProcessHandle.current().pid();

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
