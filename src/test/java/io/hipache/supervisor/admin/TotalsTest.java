package io.hipache.supervisor.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.hipache.figures.Count;
import io.hipache.figures.CountTable;
import io.hipache.figures.Event;
import io.hipache.figures.Figures;
import io.hipache.figures.Gauge;
import io.hipache.figures.HostCounts;
import io.hipache.figures.StatusClass;
import io.hipache.link.WorkerMessage;
import io.hipache.outcome.EndReason;
import io.hipache.testing.ExchangeEnds;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class TotalsTest {
    private static final String BACKEND = "http://10.0.0.1:80/";

    private long now = 1_700_000_001_000L;
    private final Totals totals = new Totals(100, Duration.ofSeconds(30), () -> now);
    private final FakeWorker worker = new FakeWorker(1);

    @Test
    void noCountGetsSmallerWhenAWorkerIsReplaced() {
        request(worker, "a");
        worker.figures.set(Gauge.CLIENTS, 5);
        totals.received(worker, worker.report());
        worker.end.complete(137);
        FakeWorker next = new FakeWorker(2);
        request(next, "a");
        next.figures.set(Gauge.CLIENTS, 1);

        totals.received(next, next.report());

        totals.show(view -> {
            assertThat(requests(view.sum(), "a")).isEqualTo(2);
            assertThat(view.workers()).extracting(WorkerState::pid).containsExactly(2L);
            assertThat(view.started()).isEqualTo(2);
            assertThat(view.died()).isEqualTo(1);
            assertThat(view.events()).extracting(RecentEvents.Entry::kind).containsExactly("worker_died");
            return view;
        });
    }

    @Test
    void tellsOnceThatTheStoreIsAwayAndOnceThatItIsBack() {
        FakeWorker other = new FakeWorker(2);
        totals.received(worker, worker.report());
        for (FakeWorker each : List.of(worker, other)) {
            each.figures.set(Gauge.STORE_USABLE, 0);
            totals.received(each, each.report());
        }
        now += 7_000;
        for (FakeWorker each : List.of(worker, other)) {
            each.figures.set(Gauge.STORE_USABLE, 1);
            totals.received(each, each.report());
        }

        totals.show(view -> {
            assertThat(view.events())
                    .extracting(RecentEvents.Entry::kind, RecentEvents.Entry::detail)
                    .containsExactly(
                            tuple("store_back", "after 7 s"), tuple("store_away", "1 worker of 1 cannot use Redis"));
            return view;
        });
    }

    @Test
    void aFloodOfHostsNeitherGrowsTheMetricsNorHidesABusyHost() {
        for (int i = 0; i < 100_000; i++) {
            request(worker, "host-" + i);
            request(worker, "busy");
            if (i % 1_000 == 999) {
                totals.received(worker, worker.report());
            }
        }

        totals.show(view -> {
            List<CountTable.Row<HostCounts>> hosts = view.sum().hosts().all();
            assertThat(hosts).hasSizeLessThanOrEqualTo(100);
            assertThat(hosts.get(0).name()).isEqualTo("busy");
            assertThat(hosts.get(0).counts().requests()).isEqualTo(100_000);
            long all =
                    hosts.stream().mapToLong(host -> host.counts().requests()).sum();
            assertThat(all + view.sum().hosts().others().requests()).isEqualTo(200_000);
            return view;
        });
    }

    @Test
    void aWorkerThatSendsSomethingElseIsKilled() {
        totals.received(worker, new WorkerMessage.Figures(ByteBuffer.wrap(new byte[] {1, 2, 3})));

        assertThat(worker.killed).isTrue();
    }

    @Test
    void aMarkOfAnActiveCheckCountsAsOneOfThisMachine() {
        totals.found("a", BACKEND, true);
        totals.found("a", BACKEND, true);
        totals.show(view -> {
            assertThat(view.marks())
                    .extracting(KnownMarks.Mark::host, KnownMarks.Mark::backend)
                    .containsExactly(tuple("a", BACKEND));
            assertThat(view.events())
                    .extracting(RecentEvents.Entry::kind, RecentEvents.Entry::detail, RecentEvents.Entry::worker)
                    .containsExactly(tuple("mark", "marked by active checks", 0L));
            return view;
        });

        totals.found("a", BACKEND, false);
        totals.show(view -> {
            assertThat(view.marks()).isEmpty();
            assertThat(view.events()).extracting(RecentEvents.Entry::kind).containsExactly("revival", "mark");
            return view;
        });
    }

    @Test
    void aMarkLastsUntilTheStoreForgetsItOrTheBackendAnswers() {
        mark("marked");
        mark("dead_already");
        now += 1_000;
        totals.show(view -> {
            assertThat(view.marks())
                    .singleElement()
                    .extracting(KnownMarks.Mark::host)
                    .isEqualTo("a");
            assertThat(view.events()).hasSize(1);
            return view;
        });

        worker.figures.happened(new Event(now, Event.Kind.REVIVAL, "a", BACKEND, ""));
        totals.received(worker, worker.report());
        totals.show(view -> {
            assertThat(view.marks()).isEmpty();
            assertThat(view.events()).extracting(RecentEvents.Entry::kind).containsExactly("revival", "mark");
            return view;
        });

        mark("marked");
        now += 31_000;
        List<KnownMarks.Mark> left = totals.show(Totals.View::marks);
        assertThat(left).isEmpty();
    }

    @Test
    void keepsAnHourInPointsOfFiveSeconds() {
        for (int step = 0; step < 800; step++) {
            request(worker, "a");
            totals.received(worker, worker.report());
            now += History.STEP_MILLIS;
        }

        totals.show(view -> {
            assertThat(view.history()).hasSizeBetween(History.POINTS - 1, History.POINTS);
            assertThat(view.history().get(5).requests()).containsEntry(StatusClass.SUCCESS, 1L);
            return view;
        });
    }

    @Test
    void addsUpWhatSeveralWorkersCount() {
        FakeWorker other = new FakeWorker(2);
        for (FakeWorker each : List.of(worker, other)) {
            each.figures.count(Count.CONNECTIONS, 3);
            totals.received(each, each.report());
        }

        Figures sum = totals.show(Totals.View::sum);

        assertThat(sum.get(Count.CONNECTIONS)).isEqualTo(6);
    }

    private static long requests(Figures figures, String host) {
        return Objects.requireNonNull(figures.hosts().get(host)).requests();
    }

    private void mark(String outcome) {
        worker.figures.happened(new Event(now, Event.Kind.MARK, "a", BACKEND, outcome));
        totals.received(worker, worker.report());
    }

    private static void request(FakeWorker worker, String host) {
        worker.figures.count(ExchangeEnds.of(host, 200, EndReason.ANSWERED, List.of(), 1_000, 1_000_000));
    }
}
