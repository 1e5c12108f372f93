package io.hipache.supervisor.slots;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.link.WorkerMessage;
import io.hipache.supervisor.slots.FakeWorkers.Fake;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How the slots end: by a stop, and when another supervisor serves. */
class ShutdownTest {
    private final RunningSlots test = new RunningSlots();

    @Test
    void stopsInOrder() {
        test.start(2, 80);
        test.workers().last(1).serves();
        test.workers().last().serves();

        test.slots().stopAll(0, Duration.ofSeconds(8));
        assertThat(test.workers().sockets()).isEmpty();
        assertThat(test.workers().alive()).allMatch(worker -> worker.wasTold(WorkerMessage.Stop.class));
        test.workers().alive().forEach(worker -> worker.dies(0));

        assertThat(test.code()).isZero();
        assertThat(test.events()).endsWith("stopping");
        assertThat(test.workers().launched()).hasSize(2);
    }

    @Test
    void stopsOnlyWhenWhatIsHandedOverHasArrived() {
        test.start(2, 80);
        Fake survivor = test.workers().last(1).serves();
        test.workers().last().serves().dies(137);

        test.slots().stopAll(0, Duration.ofSeconds(8));
        assertThat(survivor.wasTold(WorkerMessage.Stop.class)).isFalse();
        survivor.adopts();

        assertThat(survivor.wasTold(WorkerMessage.Stop.class)).isTrue();
        assertThat(test.workers().last().wasKilled()).isTrue();
    }

    @Test
    void killsWhoDoesNotEndInTime() {
        test.start(1, 80);
        Fake worker = test.workers().last().serves();

        test.slots().stopAll(0, Duration.ofSeconds(8));
        test.scheduler().advance(Duration.ofSeconds(9));
        assertThat(worker.wasKilled()).isFalse();
        test.scheduler().advance(Duration.ofSeconds(1));

        assertThat(worker.wasKilled()).isTrue();
    }

    // upgrade

    @Test
    void isCompleteWhenEveryWorkerServesItsOwnSockets() {
        test.start(2, 80);

        test.workers().last(1).serves();
        assertThat(test.events()).containsExactly("served");
        assertThat(test.complete()).isFalse();
        test.workers().last().serves();

        assertThat(test.complete()).isTrue();
    }

    @Test
    void retiresEveryWorkerWhenAnotherSupervisorServes() {
        test.start(2, 80);
        Fake first = test.workers().last(1).serves();
        Fake starting = test.workers().last();

        test.slots().retireAll();
        assertThat(test.workers().sockets()).isEmpty();
        assertThat(first.wasTold(WorkerMessage.Retire.class)).isTrue();
        assertThat(starting.wasKilled()).isTrue();
        starting.dies(137);
        assertThat(test.code()).isNull();
        first.dies(0);

        assertThat(test.code()).isZero();
        assertThat(test.workers().launched()).hasSize(2);
        assertThat(test.events()).containsExactly("served");
    }

    @Test
    void killsARetiredWorkerOnlyAfterItsGracefulWait() {
        test.start(1, 80);
        Fake worker = test.workers().last().serves();

        test.slots().retireAll();
        test.scheduler().advance(Duration.ofSeconds(121));
        assertThat(worker.wasKilled()).isFalse();
        test.scheduler().advance(Duration.ofSeconds(1));

        assertThat(worker.wasKilled()).isTrue();
    }

    @Test
    void aStopShortensTheRetirement() {
        test.start(1, 80);
        Fake worker = test.workers().last().serves();

        test.slots().retireAll();
        test.slots().stopAll(0, Duration.ofSeconds(8));
        assertThat(worker.wasTold(WorkerMessage.Stop.class)).isTrue();
        test.scheduler().advance(Duration.ofSeconds(10));

        assertThat(worker.wasKilled()).isTrue();
        assertThat(test.events()).containsExactly("served");
    }
}
