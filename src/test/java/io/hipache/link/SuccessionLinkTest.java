package io.hipache.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SuccessionLinkTest {
    private static final long OWN_PID = ProcessHandle.current().pid();

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Ear predecessor = new Ear();
    private final Ear successor = new Ear();
    private final Channel desk;

    SuccessionLinkTest() throws IOException {
        desk = SuccessionLink.listen(group, OWN_PID, predecessor);
    }

    @AfterEach
    void close() {
        desk.close().syncUninterruptibly();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void bothSidesHearEachOtherAndKnowWhoItIs() throws Exception {
        SuccessionLink link = SuccessionLink.connect(group, OWN_PID, successor);

        link.send(new SuccessionMessage.Hello(1, 2, false));
        Heard hello = predecessor.heard();
        hello.link().send(new SuccessionMessage.CalledOff("löst\nnot"));
        hello.link().send(new SuccessionMessage.Reopen());

        assertThat(hello.message()).isEqualTo(new SuccessionMessage.Hello(1, 2, false));
        assertThat(hello.link().pid()).isEqualTo(OWN_PID);
        assertThat(link.pid()).isEqualTo(OWN_PID);
        assertThat(successor.heard().message()).isEqualTo(new SuccessionMessage.CalledOff("löst\nnot"));
        assertThat(successor.heard().message()).isEqualTo(new SuccessionMessage.Reopen());
    }

    @Test
    void hearsThatTheOtherSideIsGone() throws Exception {
        SuccessionLink link = SuccessionLink.connect(group, OWN_PID, successor);

        link.close();

        await().until(() -> predecessor.ended && successor.ended);
    }

    @Test
    void doesNotReachAProcessThatIsNoSupervisor() {
        assertThatThrownBy(() -> SuccessionLink.connect(group, OWN_PID + 1, successor))
                .isInstanceOf(IOException.class);
    }

    @Test
    void doesNotSpeakToAProcessThatTookTheNameOfAnother() throws Exception {
        Channel squatter = SuccessionLink.listen(group, OWN_PID + 1, predecessor);

        assertThatThrownBy(() -> SuccessionLink.connect(group, OWN_PID + 1, successor))
                .hasMessage("process " + OWN_PID + " of user " + ownUser() + " answers in its place");

        squatter.close().syncUninterruptibly();
    }

    @Test
    void isFoundWhileItListens() throws Exception {
        assertThat(SuccessionLink.running()).contains(OWN_PID);

        desk.close().syncUninterruptibly();

        await().untilAsserted(() -> assertThat(SuccessionLink.running()).doesNotContain(OWN_PID));
    }

    @Test
    void saysWhenSomebodyElseHasTheName() {
        assertThatThrownBy(() -> SuccessionLink.listen(group, OWN_PID, predecessor))
                .isInstanceOf(IOException.class);
    }

    private static String ownUser() throws IOException {
        return String.valueOf(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    }

    private record Heard(SuccessionLink link, SuccessionMessage message) {}

    private static final class Ear implements SuccessionLink.Listener {
        private final BlockingQueue<Heard> heard = new LinkedBlockingQueue<>();
        private volatile boolean ended;

        @Override
        public void received(SuccessionLink link, SuccessionMessage message) {
            heard.add(new Heard(link, message));
        }

        @Override
        public void closed(SuccessionLink link) {
            ended = true;
        }

        private Heard heard() throws InterruptedException {
            Heard next = heard.poll(10, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("nothing is said");
            }
            return next;
        }
    }
}
