package io.hipache.figures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hipache.admission.Limit;
import io.hipache.outcome.EndReason;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.routing.Driver.Marking;
import io.hipache.testing.ExchangeEnds;
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
        assertThat(read.hosts().all()).extracting(CountTable.Row::name).containsExactly("a.example", "b");
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
        assertThat(second.hosts().all()).extracting(CountTable.Row::name).containsExactly("b");
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
    void countsTheAttemptsOnEachBackendOfAHost() throws Exception {
        figures.count(Ends.of(
                "a",
                200,
                EndReason.ANSWERED,
                List.of(
                        Ends.attempt("http://one/", EndReason.CONNECT_REFUSED, 0, 1),
                        Ends.attempt("http://two/", EndReason.ANSWERED, 40, 50))));
        figures.count(Ends.of(
                "a", 503, EndReason.ANSWERED, List.of(Ends.attempt("http://two/", EndReason.ANSWERED, 20, 20))));

        CountTable<BackendCounts> backends = backends(reported(figures), "a");

        assertThat(backends.all()).extracting(CountTable.Row::name).containsExactly("http://two/", "http://one/");
        BackendCounts one = Objects.requireNonNull(backends.get("http://one/"));
        assertThat(List.of(one.attempts(), one.failures(), one.firstBytes().total()))
                .containsExactly(1L, 1L, 0L);
        BackendCounts two = Objects.requireNonNull(backends.get("http://two/"));
        assertThat(List.of(two.attempts(), two.failures(), two.firstBytes().total()))
                .containsExactly(2L, 1L, 2L);
        assertThat(two.firstBytes().sumSeconds()).isEqualTo(0.06);
    }

    @Test
    void countsClientsThatLeaveByTheBackendForWhichTheyWaited() throws Exception {
        figures.count(leaving("http://one/", 2_000));
        figures.count(leaving("http://one/", 3_000));
        figures.count(ExchangeEnds.of("a", 499, EndReason.CLIENT_GONE, List.of(), Ends.millis(100), Ends.millis(100)));
        figures.count(Ends.of(
                "a",
                200,
                EndReason.CLIENT_GONE,
                List.of(Ends.attempt("http://one/", EndReason.CLIENT_GONE, 5, 9_000))));

        HostCounts counts = Objects.requireNonNull(reported(figures).hosts().get("a"));

        Histogram ofOne =
                Objects.requireNonNull(counts.backends().get("http://one/")).departures();
        assertThat(ofOne.total()).isEqualTo(2);
        assertThat(ofOne.sumSeconds()).isEqualTo(5);
        assertThat(counts.departures().total()).isEqualTo(3);
        assertThat(counts.departures().sumSeconds()).isEqualTo(5.1);
    }

    private static ExchangeEnd leaving(String backend, long millis) {
        return ExchangeEnds.of(
                "a",
                499,
                EndReason.CLIENT_GONE,
                List.of(Ends.attempt(backend, EndReason.CLIENT_GONE, 0, millis)),
                0,
                Ends.millis(millis));
    }

    @Test
    void aSlowBackendKeepsItsRowAmongManyOthers() throws Exception {
        for (int request = 0; request < 10_000; request++) {
            int number = request % 100;
            figures.count(Ends.of(
                    "a",
                    200,
                    EndReason.ANSWERED,
                    List.of(Ends.attempt("http://" + number + "/", EndReason.ANSWERED, number == 7 ? 500 : 1, 500))));
        }

        CountTable<BackendCounts> backends = backends(reported(figures), "a");

        assertThat(backends.all()).hasSize(HostCounts.BACKENDS);
        assertThat(backends.all().get(0).name()).isEqualTo("http://7/");
        assertThat(backends.all().get(0).counts().attempts()).isEqualTo(100);
        assertThat(attempts(backends)).isEqualTo(10_000);
    }

    @Test
    void noAttemptIsLostWhereAReportHasNoRoomForAllBackends() throws Exception {
        Figures many = new Figures(Figures.MOST_HOSTS);
        for (int i = 0; i < Figures.MOST_HOSTS; i++) {
            for (int j = 0; j < HostCounts.BACKENDS; j++) {
                String backend = "http://" + i + "x".repeat(200) + j + "/";
                many.count(Ends.of(
                        "host-" + i,
                        200,
                        EndReason.ANSWERED,
                        List.of(Ends.attempt(backend, EndReason.ANSWERED, 1, 1))));
            }
        }

        byte[] report = many.report();

        assertThat(report).hasSizeLessThan(Figures.MOST_BYTES);
        List<CountTable.Row<HostCounts>> hosts =
                Figures.read(ByteBuffer.wrap(report)).hosts().all();
        assertThat(hosts).hasSize(Figures.MOST_HOSTS);
        assertThat(hosts.stream()
                        .mapToLong(host -> attempts(host.counts().backends()))
                        .sum())
                .isEqualTo((long) Figures.MOST_HOSTS * HostCounts.BACKENDS);
        assertThat(hosts.get(0).counts().backends().all()).isNotEmpty();
    }

    private static CountTable<BackendCounts> backends(Figures figures, String host) {
        return Objects.requireNonNull(figures.hosts().get(host)).backends();
    }

    private static long attempts(CountTable<BackendCounts> backends) {
        return backends.all().stream()
                        .mapToLong(backend -> backend.counts().attempts())
                        .sum()
                + backends.others().attempts();
    }

    @Test
    void saysWhereSomethingIsUnderWayAndWhetherThatIsAll() throws Exception {
        List<BackendUse> uses = new ArrayList<>();
        for (int i = 0; i <= Figures.MOST_USES; i++) {
            uses.add(new BackendUse("http://10.0.0." + i + ":80", 1, 2));
        }

        figures.use(uses);
        Figures tooMany = reported(figures);
        figures.use(uses.subList(0, 3));
        Figures few = reported(figures);

        assertThat(tooMany.uses()).isEqualTo(uses.subList(0, Figures.MOST_USES));
        assertThat(tooMany.hasAllUses()).isFalse();
        assertThat(few.uses()).isEqualTo(uses.subList(0, 3));
        assertThat(few.hasAllUses()).isTrue();
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
