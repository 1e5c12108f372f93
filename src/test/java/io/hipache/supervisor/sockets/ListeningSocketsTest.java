package io.hipache.supervisor.sockets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.hipache.config.HipacheConfig.Listener;
import io.hipache.link.SocketHandover;
import io.hipache.supervisor.common.StartException;
import io.hipache.testing.TestRedis;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("AddressSelection") // every address here is a literal
class ListeningSocketsTest {
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());

    @AfterEach
    void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void givesEverySlotItsOwnSocketOnTheSamePort() throws Exception {
        try (ListeningSockets sockets = bind(4, listener("127.0.0.1", 0))) {
            assertThat(SocketSets.descriptors(sockets, 0))
                    .hasSize(1)
                    .doesNotContainAnyElementsOf(SocketSets.descriptors(sockets, 3));
            assertThat(sockets.urls()).hasSize(1);
            assertThat(sockets.urls().get(0)).matches("http://127\\.0\\.0\\.1:[1-9]\\d*");
        }
    }

    @Test
    void queuesConnectionsWithoutReadingThem() throws Exception {
        try (ListeningSockets sockets = bind(2, listener("127.0.0.1", 0));
                Socket client = connect(sockets, 0)) {
            assertThat(client.isConnected()).isTrue();
        }
    }

    @Test
    void listensOnAllAddressesOfBothProtocolsAtOnce() throws Exception {
        assumeThat(hasIpv6()).isTrue();
        int port = TestRedis.freePort();

        try (ListeningSockets sockets = bind(2, listener("0.0.0.0", port), listener("::", port));
                Socket ipv4 = new Socket("127.0.0.1", port);
                Socket ipv6 = new Socket("::1", port)) {
            assertThat(sockets.urls()).containsExactly("http://0.0.0.0:" + port, "http://[::]:" + port);
            assertThat(ipv4.isConnected()).isTrue();
            assertThat(ipv6.isConnected()).isTrue();
        }
    }

    @Test
    void takesIpv4OnAllAddressesOfIpv6WhenNothingElseDoes() throws Exception {
        assumeThat(hasIpv6()).isTrue();
        int port = TestRedis.freePort();

        try (ListeningSockets sockets = bind(2, listener("::", port), listener("127.0.0.1", 0));
                Socket ipv4 = new Socket("127.0.0.1", port);
                Socket ipv6 = new Socket("::1", port)) {
            assertThat(sockets.urls().get(0)).isEqualTo("http://[::]:" + port);
            assertThat(ipv4.isConnected()).isTrue();
            assertThat(ipv6.isConnected()).isTrue();
        }
    }

    @Test
    void leavesIpv4ToOneOfItsAddressesOnTheSamePort() throws Exception {
        assumeThat(hasIpv6()).isTrue();
        int port = TestRedis.freePort();

        try (ListeningSockets sockets = bind(2, listener("::", port), listener("127.0.0.1", port));
                Socket ipv4 = new Socket("127.0.0.1", port)) {
            assertThat(ipv4.isConnected()).isTrue();
            assertThatThrownBy(() -> new Socket("127.0.0.2", port)).isInstanceOf(ConnectException.class);
            assertThat(sockets.urls()).hasSize(2);
        }
    }

    @Test
    void reportsEveryPortInUse() throws Exception {
        try (ServerSocket first = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                ServerSocket second = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            StartException refused = catchThrowableOfType(
                    StartException.class,
                    () -> bind(
                            2,
                            listener("127.0.0.1", first.getLocalPort()),
                            listener("127.0.0.1", 0),
                            listener("127.0.0.1", second.getLocalPort())));

            assertThat(refused.problems())
                    .containsExactly(
                            "cannot listen on http://127.0.0.1:" + first.getLocalPort() + ": the port is in use",
                            "cannot listen on http://127.0.0.1:" + second.getLocalPort() + ": the port is in use");
        }
    }

    @Test
    void doesNotShareThePortOfAnotherSupervisor() throws Exception {
        try (ListeningSockets running = bind(2, listener("127.0.0.1", 0))) {
            int port = URI.create(running.urls().get(0)).getPort();

            assertThatThrownBy(() -> bind(2, listener("127.0.0.1", port)))
                    .hasMessage("cannot listen on http://127.0.0.1:" + port + ": the port is in use");
            assertThatThrownBy(() -> bind(2, listener("0.0.0.0", port)))
                    .hasMessage("cannot listen on http://0.0.0.0:" + port + ": the port is in use");
        }
    }

    @Test
    void reportsAnAddressOfAnotherMachine() {
        assertThatThrownBy(() -> bind(1, listener("192.0.2.1", 80)))
                .hasMessage("cannot listen on http://192.0.2.1:80: this machine does not have the address");
    }

    @Test
    void bindsTheSamePortAgainAtOnce() throws Exception {
        int port;
        try (ListeningSockets sockets = bind(2, listener("127.0.0.1", 0));
                Socket client = connect(sockets, 0)) {
            port = client.getPort();
        }

        try (ListeningSockets again = bind(2, listener("127.0.0.1", port))) {
            assertThat(again.urls()).containsExactly("http://127.0.0.1:" + port);
        }
    }

    @Test
    void addsSetsAndListenersAndKeepsWhatItHas() throws Exception {
        Listener kept = listener("127.0.0.1", 0);
        try (ListeningSockets sockets = bind(1, kept)) {
            List<ListeningSocket> before = sockets.all();
            String url = sockets.urls().get(0);

            sockets.extend(List.of(listener("127.0.0.2", 0), kept), 2);

            assertThat(sockets.all()).hasSize(4).containsAll(before);
            assertThat(sockets.urls()).hasSize(2).contains(url);
            assertThat(sockets.all()).extracting(ListeningSocket::id).doesNotHaveDuplicates();
        }
    }

    @Test
    void saysThatItHasThePortItself() throws Exception {
        int port = TestRedis.freePort();
        try (ListeningSockets sockets = bind(1, listener("127.0.0.1", port))) {
            assertThatThrownBy(() -> sockets.extend(List.of(listener("0.0.0.0", port)), 1))
                    .hasMessage("cannot listen on http://0.0.0.0:" + port
                            + ": this program has the port at 127.0.0.1, and only"
                            + " a restart can change one for the other");
        }
    }

    @Test
    void saysAtWhichOfItsAddressesItHasThePort() throws Exception {
        int port = TestRedis.freePort();
        try (ListeningSockets sockets = bind(1, listener("127.0.0.1", port), listener("::1", port))) {
            assertThatThrownBy(() -> sockets.extend(List.of(listener("0.0.0.0", port), listener("::", port)), 1))
                    .hasMessageContaining("cannot listen on http://0.0.0.0:" + port
                            + ": this program has the port at 127.0.0.1, and only")
                    .hasMessageContaining(
                            "cannot listen on http://[::]:" + port + ": this program has the port at ::1, and only");
            assertThatThrownBy(() -> sockets.extend(List.of(listener("::", port)), 1))
                    .hasMessageContaining("this program has the port at 127.0.0.1 and ::1, and only");
        }
    }

    @Test
    void bindsNothingMoreWhenOneListenerCannotBeBound() throws Exception {
        Listener kept = listener("127.0.0.1", 0);
        int free = TestRedis.freePort();
        try (ListeningSockets sockets = bind(1, kept);
                ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            List<ListeningSocket> before = sockets.all();
            Listener inUse = listener("127.0.0.1", taken.getLocalPort());

            assertThatThrownBy(() -> sockets.extend(List.of(kept, listener("127.0.0.1", free), inUse), 2))
                    .hasMessage("cannot listen on http://127.0.0.1:" + taken.getLocalPort() + ": the port is in use");

            assertThat(sockets.all()).isEqualTo(before);
            assertThat(sockets.urls()).hasSize(1);
            assertThatThrownBy(() -> new Socket("127.0.0.1", free)).isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void closesSome() throws Exception {
        int gone = TestRedis.freePort();
        try (ListeningSockets sockets = bind(2, listener("127.0.0.1", 0), listener("127.0.0.1", gone))) {
            sockets.close(sockets.all().stream()
                    .filter(socket -> socket.port() == gone)
                    .toList());

            assertThat(sockets.all()).hasSize(2);
            assertThatThrownBy(() -> new Socket("127.0.0.1", gone)).isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void doesNotPretendToChangeWhoTakesIpv4() throws Exception {
        assumeThat(hasIpv6()).isTrue();
        int port = TestRedis.freePort();
        try (ListeningSockets sockets = bind(1, listener("::", port))) {
            assertThatThrownBy(() -> sockets.extend(List.of(listener("::", port), listener("127.0.0.1", port)), 1))
                    .hasMessageContaining("can only be changed by a restart");
        }
    }

    @Test
    void goesOnWithTheSocketsOfAnotherAndLosesNobodyWhoWaits() throws Exception {
        Listener kept = listener("127.0.0.1", 0);
        ListeningSockets before = bind(2, kept);
        try (Socket waiting = connect(before, 0);
                ListeningSockets sockets =
                        ListeningSockets.inherit(copies(before), List.of(listener("127.0.0.2", 0), kept), 3, group)) {
            String url = before.urls().get(0);
            before.close(before.all());

            assertThat(sockets.all()).hasSize(6);
            assertThat(sockets.all()).extracting(ListeningSocket::id).doesNotHaveDuplicates();
            assertThat(sockets.urls()).hasSize(2).contains(url);
            waiting.setSoTimeout(50);
            assertThatThrownBy(() -> waiting.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void closesWhatItInheritsAndNobodyWants() throws Exception {
        int gone = TestRedis.freePort();
        Listener kept = listener("127.0.0.1", 0);
        try (ListeningSockets before = bind(1, kept, listener("127.0.0.1", gone));
                ListeningSockets sockets = ListeningSockets.inherit(copies(before), List.of(kept), 1, group)) {
            assertThat(sockets.all()).hasSize(1);
            before.close(before.all());

            assertThatThrownBy(() -> new Socket("127.0.0.1", gone)).isInstanceOf(ConnectException.class);
        }
    }

    /** The sockets as another process gets them: the same sockets with other descriptors. */
    private List<ListeningSockets.Inherited> copies(ListeningSockets sockets) {
        List<ListeningSockets.Inherited> inherited = sockets.forSuccessor();
        List<FileDescriptor> originals =
                inherited.stream().map(ListeningSockets.Inherited::descriptor).toList();
        try (SocketHandover handover = SocketHandover.open(group)) {
            String token = handover.offer(ProcessHandle.current().pid(), originals);
            Iterator<FileDescriptor> received = SocketHandover.receive(
                            group, handover.address(), token, originals.size())
                    .syncUninterruptibly()
                    .getNow()
                    .iterator();
            return inherited.stream()
                    .map(socket -> new ListeningSockets.Inherited(
                            socket.address(), socket.port(), socket.set(), socket.ipv4Too(), received.next()))
                    .toList();
        }
    }

    private ListeningSockets bind(int slots, Listener... listeners) throws StartException {
        return ListeningSockets.bind(List.of(listeners), slots, group);
    }

    private static Listener listener(String address, int port) {
        return new Listener(address, port, null);
    }

    private static Socket connect(ListeningSockets sockets, int listener) throws IOException {
        URI url = URI.create(sockets.urls().get(listener));
        return new Socket(url.getHost(), url.getPort());
    }

    private static boolean hasIpv6() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("::1"))) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
