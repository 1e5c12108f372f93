package io.hipache.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.testing.RecordedLog;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private final RecordedLog log = RecordedLog.of(Admission.class);
    private long nanos = 1;
    private final Admission limited = new Admission(
            new AdmissionLimits(3, 2, 3, 4, 5, 2, 100, 7, 8, 6), InetAddress::isLoopbackAddress, () -> nanos);

    @AfterEach
    void end() {
        log.close();
    }

    @Test
    void letsEverythingInWithoutLimits() throws Exception {
        Admission open = new Admission(AdmissionLimits.NONE);

        for (int i = 0; i < 1_000; i++) {
            Objects.requireNonNull(open.admitConnection(new EmbeddedChannel(), address("192.0.2.1")))
                    .busy();
            assertThat(open.admitRequest(1 << 20, "client")).isTrue();
        }
        open.bodyBytesKept(1L << 40);

        assertThat(open.admitsStream(1_000_000)).isTrue();
        assertThat(open.admitsWaiting(1_000_000)).isTrue();
        assertThat(open.admitsTunnel(1_000_000)).isTrue();
        assertThat(open.admitsBodyBytes()).isTrue();
        assertThat(open.admitsBodyRate(0, Long.MAX_VALUE)).isTrue();
        assertThat(open.refused()).isEmpty();
    }

    @Test
    void countsConnectionsUntilTheyEnd() throws Exception {
        Channel first = busy("192.0.2.1");
        busy("192.0.2.2");
        busy("192.0.2.3");
        assertThat(limited.admitConnection(new EmbeddedChannel(), address("192.0.2.4")))
                .isNull();
        assertThat(limited.connections()).isEqualTo(3);

        first.close();

        assertThat(limited.admitConnection(new EmbeddedChannel(), address("192.0.2.4")))
                .isNotNull();
        assertThat(limited.refused(Limit.CONNECTIONS)).isEqualTo(1);
    }

    @Test
    void closesTheLongestIdleConnectionForANewOne() throws Exception {
        Channel busy = busy("192.0.2.1");
        Channel idle = admit("192.0.2.2").channel();
        Channel idleLater = admit("192.0.2.3").channel();

        assertThat(limited.admitConnection(new EmbeddedChannel(), address("192.0.2.4")))
                .isNotNull();

        assertThat(idle.isOpen()).isFalse();
        assertThat(busy.isOpen()).isTrue();
        assertThat(idleLater.isOpen()).isTrue();
        assertThat(limited.connections()).isEqualTo(3);
        assertThat(limited.refused(Limit.CONNECTIONS)).isZero();
    }

    @Test
    void prefersAConnectionThatWaitsForARequestToOneThatSendsIt() throws Exception {
        ClientPlace sending = admit("192.0.2.1");
        Channel waiting = admit("192.0.2.2").channel();
        busy("192.0.2.3");
        sending.holds(10);

        admit("192.0.2.4");

        assertThat(waiting.isOpen()).isFalse();
        assertThat(sending.channel().isOpen()).isTrue();
    }

    @Test
    void aConnectionThatWasBusyIsTheYoungestIdleOne() throws Exception {
        ClientPlace first = admit("192.0.2.1");
        Channel second = admit("192.0.2.2").channel();
        admit("192.0.2.3");
        first.busy();
        first.idle();

        admit("192.0.2.4");

        assertThat(second.isOpen()).isFalse();
        assertThat(first.channel().isOpen()).isTrue();
    }

    @Test
    void countsTheConnectionsOfAnAddress() throws Exception {
        busy("192.0.2.1");
        Channel second = busy("192.0.2.1");

        assertThat(limited.admitConnection(new EmbeddedChannel(), address("192.0.2.1")))
                .isNull();
        assertThat(limited.refused(Limit.CONNECTIONS_PER_ADDRESS)).isEqualTo(1);

        second.close();
        admit("192.0.2.1");
    }

    @Test
    void closesAnIdleConnectionOfTheSameAddressAndOfNoOther() throws Exception {
        Channel other = admit("192.0.2.9").channel();
        Channel own = admit("192.0.2.1").channel();
        busy("192.0.2.1");

        admit("192.0.2.1");

        assertThat(own.isOpen()).isFalse();
        assertThat(other.isOpen()).isTrue();
    }

    @Test
    void anIpv6NetworkCountsAsOneAddress() throws Exception {
        busy("2001:db8::1");
        busy("2001:db8::2:0:0:1");

        assertThat(limited.admitConnection(new EmbeddedChannel(), address("2001:db8::ffff")))
                .isNull();
        assertThat(limited.admitConnection(new EmbeddedChannel(), address("2001:db8:0:1::1")))
                .isNotNull();
    }

    @Test
    void someAddressesMayHaveAnyNumber() throws Exception {
        busy("127.0.0.1");
        busy("127.0.0.1");

        busy("127.0.0.1");

        assertThat(limited.refused()).isEmpty();
    }

    @Test
    void countsRequestsUntilTheyEnd() {
        assertThat(limited.admitRequest(1, "client")).isTrue();
        assertThat(limited.admitRequest(1, "client")).isTrue();
        assertThat(limited.admitRequest(1, "client")).isFalse();
        assertThat(limited.requests()).isEqualTo(2);

        limited.requestEnded(1);

        assertThat(limited.admitRequest(1, "client")).isTrue();
    }

    @Test
    void countsTheHeadsOfRequests() {
        assertThat(limited.admitRequest(60, "client")).isTrue();
        assertThat(limited.admitRequest(60, "client")).isFalse();
        assertThat(limited.refused(Limit.HEAD_BYTES)).isEqualTo(1);

        limited.requestEnded(60);

        assertThat(limited.headBytes()).isZero();
        assertThat(limited.admitRequest(100, "client")).isTrue();
    }

    @Test
    void closesTheConnectionWhoseHeadHasBeenIncompleteForLongest() throws Exception {
        ClientPlace first = admit("192.0.2.1");
        ClientPlace second = admit("192.0.2.2");
        first.holds(60);
        first.holds(70);

        second.holds(40);

        assertThat(first.channel().isOpen()).isFalse();
        assertThat(second.channel().isOpen()).isTrue();
        assertThat(limited.headBytes()).isEqualTo(40);
    }

    @Test
    void aCompleteRequestGoesBeforeIncompleteOnes() throws Exception {
        ClientPlace incomplete = admit("192.0.2.1");
        incomplete.holds(90);

        assertThat(limited.admitRequest(50, "client")).isTrue();

        assertThat(incomplete.channel().isOpen()).isFalse();
        assertThat(limited.headBytes()).isEqualTo(50);
    }

    @Test
    void neverClosesAConnectionWithARequestForTheBytesBehindIt() throws Exception {
        ClientPlace pipelined = admit("192.0.2.1");
        pipelined.busy();

        pipelined.holds(150);

        assertThat(pipelined.channel().isOpen()).isTrue();
        pipelined.channel().close();
        assertThat(limited.headBytes()).isZero();
    }

    @Test
    void countsBytesOfBodiesUntilTheyAreReleased() {
        limited.bodyBytesKept(4);
        assertThat(limited.admitsBodyBytes()).isTrue();
        limited.bodyBytesKept(1);
        assertThat(limited.admitsBodyBytes()).isFalse();

        limited.bodyBytesKept(-5);

        assertThat(limited.admitsBodyBytes()).isTrue();
        assertThat(limited.bodyBytes()).isZero();
    }

    @Test
    void readsOnOnceThereIsRoomForBodies() {
        int[] read = new int[2];
        Runnable gone = () -> read[1]++;
        limited.bodyBytesKept(6);
        limited.holdBack(() -> read[0]++, "client");
        limited.holdBack(gone, "client");
        limited.letGo(gone);

        limited.bodyBytesKept(-1);
        assertThat(read).containsExactly(0, 0);
        limited.bodyBytesKept(-1);
        limited.bodyBytesKept(-1);

        assertThat(read).containsExactly(1, 0);
    }

    @Test
    void asksForTheOthersHowManyThereAre() {
        assertThat(limited.admitsStream(2)).isTrue();
        assertThat(limited.admitsStream(3)).isFalse();
        assertThat(limited.admitsWaiting(3)).isTrue();
        assertThat(limited.admitsWaiting(4)).isFalse();
        assertThat(limited.admitsTunnel(5)).isTrue();
        assertThat(limited.admitsTunnel(6)).isFalse();
        assertThat(limited.admitsBodyRate(80, TimeUnit.SECONDS.toNanos(10))).isTrue();
        assertThat(limited.admitsBodyRate(79, TimeUnit.SECONDS.toNanos(10))).isFalse();
    }

    @Test
    void saysOnceASecondWhatIsRefused() throws Exception {
        for (int i = 0; i < 1_000; i++) {
            limited.outOfMemory("192.0.2.1");
        }
        nanos += TimeUnit.SECONDS.toNanos(1);
        limited.outOfMemory("192.0.2.2");
        limited.outOfMemory("192.0.2.2");

        assertThat(log.lines()).hasSize(2);
        assertThat(log.lines().get(0)).startsWith("refused a connection of 192.0.2.1, because the worker has no");
        assertThat(log.lines().get(1)).contains("(1000 refusals since the last such line)");
        assertThat(limited.refused()).isEqualTo("1002 memory");
    }

    private ClientPlace admit(String address) throws UnknownHostException {
        return Objects.requireNonNull(limited.admitConnection(new EmbeddedChannel(), address(address)), "refused");
    }

    private Channel busy(String address) throws UnknownHostException {
        ClientPlace place = admit(address);
        place.busy();
        return place.channel();
    }

    private static InetAddress address(String text) throws UnknownHostException {
        return InetAddress.getByName(text);
    }
}
