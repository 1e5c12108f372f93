package io.hipache.worker.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.admission.Limit;
import io.hipache.figures.Count;
import io.hipache.figures.Event;
import io.hipache.figures.Expiry;
import io.hipache.figures.Figures;
import io.hipache.figures.Gauge;
import io.hipache.figures.MalformedFiguresException;
import io.hipache.outcome.AttemptOutcome;
import io.hipache.outcome.EndReason;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.routing.Driver.DeadBackend;
import io.hipache.routing.Driver.Marking;
import io.hipache.testing.ExchangeEnds;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FigureReportTest {
    private static final String URL = "http://10.0.0.1:80/";

    private final EmbeddedChannel loop = new EmbeddedChannel();
    private final List<ByteBuffer> reports = new ArrayList<>();
    private boolean supervisorTakes = true;
    private long connections = 7;
    private long refused;
    private final FigureReport report =
            new FigureReport(loop.eventLoop(), new Parts(), () -> supervisorTakes, reports::add);

    FigureReportTest() {
        loop.freezeTime();
    }

    private final class Parts implements FigureReport.Sources {
        @Override
        public void measure(Meter meter) {
            meter.set(Gauge.CLIENTS, 3);
            meter.total(Count.CONNECTIONS, connections);
            meter.total(Limit.REQUESTS, refused);
        }

        @Override
        public List<Expiry> expiries() {
            return List.of(new Expiry("a.example", 1_000));
        }
    }

    @Test
    void reportsOnceASecondWhatWasCounted() throws Exception {
        report.follow(10);
        report.accept(answered());
        connections = 9;

        aSecondPasses();

        Figures figures = only();
        assertThat(requests(figures)).isEqualTo(1);
        assertThat(figures.get(Gauge.CLIENTS)).isEqualTo(3);
        assertThat(figures.get(Count.CONNECTIONS)).as("since counting began").isEqualTo(2);
        assertThat(figures.expiries()).hasSize(1);
    }

    @Test
    void countsNothingWithoutAnAdminListener() {
        report.accept(answered());
        aSecondPasses();
        report.follow(10);
        report.follow(0);
        report.accept(answered());
        aSecondPasses();

        assertThat(reports).isEmpty();
    }

    @Test
    void whatTheSupervisorHasNoRoomForIsInTheNextReport() throws Exception {
        report.follow(10);
        supervisorTakes = false;
        report.accept(answered());
        aSecondPasses();
        assertThat(reports).isEmpty();

        supervisorTakes = true;
        report.accept(answered());
        aSecondPasses();

        assertThat(requests(only())).isEqualTo(2);
    }

    @Test
    void tellsOfMarksRevivalsAndLimits() throws Exception {
        report.follow(10);
        report.marked(new DeadBackend("a", "a", 0, "http://10.0.0.1", URL, 2, false), Marking.MARKED);
        report.accept(answered());
        report.accept(answered());
        refused = 4;

        aSecondPasses();

        Figures figures = only();
        assertThat(figures.get(Marking.MARKED)).isEqualTo(1);
        assertThat(figures.events())
                .extracting(event -> event.kind() + " " + event.host() + " " + event.subject() + " " + event.detail())
                .containsExactly(
                        Event.Kind.MARK + " a " + URL + " marked",
                        Event.Kind.REVIVAL + " a " + URL + " ",
                        Event.Kind.LIMIT + "  requests 4");
    }

    @Test
    void reportsTheRestWhenTheWorkerEnds() throws Exception {
        report.follow(10);
        report.accept(answered());

        report.end();

        assertThat(requests(only())).isEqualTo(1);
    }

    private void aSecondPasses() {
        for (int tick = 0; tick < 4; tick++) {
            loop.advanceTimeBy(250, TimeUnit.MILLISECONDS);
            loop.runScheduledPendingTasks();
        }
    }

    private Figures only() throws MalformedFiguresException {
        assertThat(reports).hasSize(1);
        return Figures.read(reports.get(0));
    }

    private static long requests(Figures figures) {
        return Objects.requireNonNull(figures.hosts().get("a")).requests();
    }

    private static ExchangeEnd answered() {
        AttemptOutcome attempt = new AttemptOutcome(URL, 0, EndReason.ANSWERED, 0, 0, 1, 1);
        return ExchangeEnds.of("a", 200, EndReason.ANSWERED, List.of(attempt), 1, 1);
    }
}
