package io.hipache.figures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hipache.admission.Limit;
import io.hipache.outcome.EndReason;
import io.hipache.routing.Driver.Marking;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class FiguresTest {
    private final Figures figures = new Figures(10);

    @Test
    void countsRequestsByListenerProtocolStatusAndReason() {
        figures.count(Ends.answered("a", 200));
        figures.count(Ends.answered("a", 201));
        figures.count(Ends.of("", 400, EndReason.NO_FRONTEND, List.of()));

        assertThat(requests(figures))
                .containsExactlyInAnyOrder(
                        "127.0.0.1:80 HTTP/1.1 2xx answered 2", "127.0.0.1:80 HTTP/1.1 4xx no_frontend 1");
    }

    @Test
    void aReportIsReadAsItWasCounted() throws Exception {
        figures.count(Ends.answered("a.example", 200));
        figures.count(Ends.of("b", 502, EndReason.CONNECT_REFUSED, List.of(Ends.attempt(EndReason.CONNECT_REFUSED))));
        figures.count(Ends.of("", 400, EndReason.NO_FRONTEND, List.of()));
        figures.count(Count.CONNECTIONS, 5);
        figures.count(Limit.REQUESTS, 3);
        figures.count(Marking.CAPPED);
        figures.set(Gauge.RESIDENT_BYTES, 123_456_789_012L);
        figures.happened(new Event(1_700_000_000_000L, Event.Kind.MARK, "b", Ends.BACKEND, "marked"));
        figures.expire(List.of(new Expiry("a.example", 1_800_000_000_000L)));

        Figures read = reported(figures);

        assertThat(requests(read)).hasSize(3);
        assertThat(read.times(Timing.REQUEST).total()).isEqualTo(3);
        assertThat(read.times(Timing.REQUEST).sumSeconds()).isEqualTo(0.021);
        assertThat(read.times(Timing.FIRST_BYTE).counts()[3]).isEqualTo(2);
        assertThat(read.times(Timing.LOOKUP).counts()[2]).isEqualTo(3);
        assertThat(read.get(Count.CONNECTIONS)).isEqualTo(5);
        assertThat(read.get(Count.ATTEMPTS)).isEqualTo(2);
        assertThat(read.get(Limit.REQUESTS)).isEqualTo(3);
        assertThat(read.get(Marking.CAPPED)).isEqualTo(1);
        assertThat(read.get(Gauge.RESIDENT_BYTES)).isEqualTo(123_456_789_012L);
        assertThat(read.hosts().all()).extracting(HostTable.Host::name).containsExactly("a.example", "b");
        assertThat(read.hosts().others().requests(EndReason.NO_FRONTEND)).isEqualTo(1);
        assertThat(read.failures())
                .containsExactly(new Failure(1_000_007, "b", Ends.BACKEND, EndReason.CONNECT_REFUSED, 502));
        assertThat(read.events()).singleElement().extracting(Event::detail).isEqualTo("marked");
        assertThat(read.expiries()).containsExactly(new Expiry("a.example", 1_800_000_000_000L));
    }

    @Test
    void aReportHasOnlyWhatWasCountedSinceTheLastOne() throws Exception {
        figures.count(Ends.answered("a", 200));
        figures.report();
        figures.count(Ends.answered("b", 200));

        Figures second = reported(figures);

        assertThat(requests(second)).containsExactly("127.0.0.1:80 HTTP/1.1 2xx answered 1");
        assertThat(second.hosts().all()).extracting(HostTable.Host::name).containsExactly("b");
    }

    @Test
    void theSumOfReportsIsWhatWasCounted() throws Exception {
        Figures sum = new Figures(10);
        for (int i = 0; i < 3; i++) {
            figures.count(Ends.answered("a", 200));
            figures.count(Count.CONNECTIONS, 2);
            sum.add(reported(figures));
        }

        assertThat(requests(sum)).containsExactly("127.0.0.1:80 HTTP/1.1 2xx answered 3");
        assertThat(sum.get(Count.CONNECTIONS)).isEqualTo(6);
        assertThat(Objects.requireNonNull(sum.hosts().get("a")).requests()).isEqualTo(3);
        assertThat(sum.times(Timing.REQUEST).total()).isEqualTo(3);
    }

    @Test
    void aFailedAttemptIsDescribedAlsoWhenAnotherOneAnswered() throws Exception {
        figures.count(Ends.of(
                "a",
                200,
                EndReason.ANSWERED,
                List.of(Ends.attempt(EndReason.BACKEND_DROPPED), Ends.attempt(EndReason.ANSWERED))));
        figures.count(Ends.answered("a", 503));
        figures.count(Ends.of("a", 499, EndReason.CLIENT_GONE, List.of(Ends.attempt(EndReason.CLIENT_GONE))));

        assertThat(reported(figures).failures())
                .extracting(Failure::reason)
                .containsExactly(EndReason.BACKEND_DROPPED, EndReason.ANSWERED);
    }

    @Test
    void manyFailuresOfOneHostLeaveRoomForThoseOfAnother() throws Exception {
        for (int i = 0; i < 1_000; i++) {
            figures.count(Ends.of("a", 502, EndReason.NO_LIVE_BACKEND, List.of()));
        }
        figures.count(Ends.of("b", 502, EndReason.NO_LIVE_BACKEND, List.of()));

        Figures read = reported(figures);

        assertThat(read.failures()).hasSize(Figures.MOST_FAILURES_OF_HOST + 1);
        assertThat(read.get(Count.FAILURES_LEFT_OUT)).isEqualTo(1_000 - Figures.MOST_FAILURES_OF_HOST);
    }

    @Test
    void aReportOfManyBusyHostsFitsIntoItsMessage() throws Exception {
        Figures many = new Figures(Figures.MOST_HOSTS);
        for (int i = 0; i < Figures.MOST_HOSTS; i++) {
            String host = i + "x".repeat(240);
            for (EndReason reason : EndReason.values()) {
                many.count(Ends.of(host, 502, reason, List.of()));
            }
        }

        byte[] report = many.report();

        assertThat(report).hasSizeLessThan(Figures.MOST_BYTES);
        Figures read = Figures.read(ByteBuffer.wrap(report));
        long all = read.hosts().all().stream()
                .mapToLong(host -> host.counts().requests())
                .sum();
        assertThat(all + read.hosts().others().requests())
                .isEqualTo((long) Figures.MOST_HOSTS * EndReason.values().length);
    }

    @Test
    void refusesWhatIsNoReport() {
        byte[] report = figures.report();
        byte[] longer = Arrays.copyOf(report, report.length + 1);

        assertThatThrownBy(() -> Figures.read(ByteBuffer.wrap(longer))).isInstanceOf(MalformedFiguresException.class);
        for (int length = 0; length < report.length; length++) {
            ByteBuffer part = ByteBuffer.wrap(report, 0, length);
            assertThatThrownBy(() -> Figures.read(part)).isInstanceOf(MalformedFiguresException.class);
        }
    }

    @Test
    void noSumOverflowsWhateverAWorkerSays() throws Exception {
        Figures sum = new Figures(10);
        figures.count(Count.CONNECTIONS, FigureReader.LARGEST);
        ByteBuffer report = ByteBuffer.wrap(figures.report());

        for (int i = 0; i < 100_000; i++) {
            sum.add(Figures.read(report));
        }

        assertThat(sum.get(Count.CONNECTIONS)).isEqualTo(1L << 53);
    }

    private static Figures reported(Figures figures) throws MalformedFiguresException {
        return Figures.read(ByteBuffer.wrap(figures.report()));
    }

    private static List<String> requests(Figures figures) {
        List<String> all = new ArrayList<>();
        figures.requests()
                .forEach((listener, protocol, status, reason, number) -> all.add(
                        String.join(" ", listener, protocol, status.label(), reason.word(), String.valueOf(number))));
        return all;
    }
}
