package io.hipache.supervisor.slots;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.config.HipacheConfig;
import io.hipache.link.WorkerMessage;
import io.hipache.supervisor.slots.FakeWorkers.Fake;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A reload that only new processes can follow in full. */
class RenewalTest {
    private static final int MEMORY = 300;

    private final RunningSlots test = new RunningSlots();
    private Fake first;
    private Fake second;

    @BeforeEach
    void start() {
        test.start(2, 80);
        first = test.workers().last(1).serves();
        second = test.workers().last().serves();
    }

    @Test
    void triesOneProcessAndReplacesTheOthersOneByOne() {
        HipacheConfig config = test.reloadWithMemory(MEMORY, 2, 80);
        Fake trial = test.workers().last();
        assertThat(test.workers().launched()).hasSize(3);
        assertThat(trial.slot()).isZero();
        assertThat(first.wasTold(WorkerMessage.Switch.class)).isFalse();

        trial.serves();
        trial.adopts();
        assertThat(List.of(first, second))
                .allSatisfy(worker -> assertThat(worker.config()).isSameAs(config));
        assertThat(first.wasTold(WorkerMessage.Retire.class)).isTrue();
        assertThat(second.wasTold(WorkerMessage.Retire.class)).isFalse();
        assertThat(test.hasEnded()).isFalse();
        test.settle();
        test.workers().last().serves();

        assertThat(second.wasTold(WorkerMessage.Retire.class)).isTrue();
        assertThat(test.end()).isEqualTo(new ReloadEnd(true, List.of(), 2, List.of("server.memoryLimit"), ""));
        assertThat(test.workers().launched()).hasSize(4);
        assertThat(test.workers().served()).containsExactly(800, 801);
    }

    @Test
    void changesNothingWhenTheFirstProcessDoesNotStart() {
        HipacheConfig before = test.slots().inForce();
        test.reloadWithMemory(MEMORY, 2, 80);
        Fake trial = test.workers().last();

        trial.says(new WorkerMessage.Failed("no memory"));
        trial.dies(1);

        assertUnchanged(before, trial + " died (no memory)");
        assertThat(test.workers().launched()).hasSize(3);
    }

    @Test
    void changesNothingWhenTheSystemStartsNoProcess() {
        HipacheConfig before = test.slots().inForce();
        test.workers().refuse("Cannot allocate memory");

        test.reloadWithMemory(MEMORY, 2, 80);

        assertUnchanged(before, "a worker could not be started (Cannot allocate memory)");
    }

    @Test
    void changesNothingWhenTheFirstProcessCannotUseItsStore() {
        HipacheConfig before = test.slots().inForce();
        test.reloadWithMemory(MEMORY, 2, 80);
        Fake trial = test.workers().last();

        trial.says(new WorkerMessage.Ready("127.0.0.1:6379 refuses the connection"));

        assertUnchanged(before, trial + " cannot use its store (127.0.0.1:6379 refuses the connection)");
        assertThat(trial.wasKilled()).isTrue();
    }

    @Test
    void goesOnWithoutAStoreThatNobodyCanUse() {
        first.canUseStore(false);
        second.canUseStore(false);
        test.scheduler().advance(Heartbeat.INTERVAL);
        test.reloadWithMemory(MEMORY, 2, 80);

        test.workers().last().says(new WorkerMessage.Ready("no store"));
        test.workers().last().adopts();

        assertThat(test.events()).contains("switched");
        assertThat(first.wasTold(WorkerMessage.Retire.class)).isTrue();
    }

    @Test
    void stopsWhenALaterProcessDoesNotStart() {
        HipacheConfig config = test.reloadWithMemory(MEMORY, 2, 80);
        test.workers().last().serves();
        test.settle();
        Fake later = test.workers().last();

        later.dies(1);

        assertThat(test.end())
                .isEqualTo(new ReloadEnd(
                        true, List.of(later + " died (exit code 1)"), 1, List.of("server.memoryLimit"), ""));
        test.scheduler().advance(Duration.ofMinutes(5));
        assertThat(test.workers().launched()).hasSize(4);
        assertThat(second.config()).isSameAs(config);
        assertThat(second.wasTold(WorkerMessage.Retire.class)).isFalse();
    }

    @Test
    void stopsWhenALaterProcessCannotUseItsStore() {
        test.reloadWithMemory(MEMORY, 2, 80);
        test.workers().last().serves();
        test.settle();
        Fake later = test.workers().last();

        later.says(new WorkerMessage.Ready("no store"));

        assertThat(test.end().problems())
                .containsExactly(
                        later + " cannot use its store (no store), so it does not replace " + second + ", which can");
        assertThat(later.wasKilled()).isTrue();
        assertThat(second.wasTold(WorkerMessage.Retire.class)).isFalse();
    }

    @Test
    void replacesWithTheNextReloadWhatWasLeft() {
        test.reloadWithMemory(MEMORY, 2, 80);
        test.workers().last().serves();
        test.settle();
        test.workers().last().dies(1);
        first.dies(0);

        test.reloadWithMemory(MEMORY, 2, 80);
        test.workers().last().serves();

        assertThat(second.wasTold(WorkerMessage.Retire.class)).isTrue();
        assertThat(test.end()).isEqualTo(new ReloadEnd(true, List.of(), 1, List.of("server.memoryLimit"), ""));
    }

    @Test
    void startsNothingMoreWhenTheProgramStopsBetweenTwoReplacements() {
        test.reloadWithMemory(MEMORY, 2, 80);
        test.workers().last().serves();

        test.slots().stopAll(0, Duration.ofSeconds(8));
        test.settle();

        assertThat(test.workers().launched()).hasSize(3);
    }

    @Test
    void beginsAReloadByItselfThatCameBetweenTwoReplacements() {
        first.says(new WorkerMessage.ReplaceMe("memory"));
        test.workers().last().serves();
        test.reloadWithMemory(MEMORY, 2, 80);
        assertThat(test.workers().launched()).hasSize(3);

        test.settle();

        assertThat(test.workers().launched()).hasSize(4);
    }

    @Test
    void waitsForAWorkerThatJoinsWhileTheFirstProcessStarts() {
        test.reloadWithMemory(MEMORY, 2, 80);
        Fake trial = test.workers().last();
        second.dies(137);
        Fake joins = test.workers().last();
        joins.isSilent();
        joins.serves();

        trial.serves();
        assertThat(first.wasTold(WorkerMessage.Switch.class)).isFalse();
        joins.says(new WorkerMessage.Prepared(joins.number(), ""));

        assertThat(first.wasTold(WorkerMessage.Switch.class)).isTrue();
    }

    @Test
    void startsNoProcessForAConfigurationThatWorkersRefuse() {
        HipacheConfig before = test.slots().inForce();
        second.refuses("no");

        test.reloadWithMemory(MEMORY, 2, 80);

        assertUnchanged(before, second + " cannot use the new configuration: no");
        assertThat(test.workers().launched()).hasSize(2);
    }

    @Test
    void endsTheFirstProcessWhenTheProgramStops() {
        test.reloadWithMemory(MEMORY, 2, 80);
        Fake trial = test.workers().last();

        test.slots().stopAll(0, Duration.ofSeconds(8));

        assertThat(trial.wasKilled()).isTrue();
        assertThat(test.end().switched()).isFalse();
    }

    private void assertUnchanged(HipacheConfig before, String problem) {
        assertThat(test.end().switched()).isFalse();
        assertThat(test.end().problems()).containsExactly(problem);
        assertThat(test.slots().inForce()).isSameAs(before);
        assertThat(List.of(first, second)).allSatisfy(worker -> {
            assertThat(worker.config()).isSameAs(before);
            assertThat(worker.wasTold(WorkerMessage.Discard.class)).isTrue();
            assertThat(worker.wasTold(WorkerMessage.Retire.class)).isFalse();
        });
    }
}
