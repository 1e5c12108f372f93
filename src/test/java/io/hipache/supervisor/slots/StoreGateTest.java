package io.hipache.supervisor.slots;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.link.WorkerMessage;
import io.hipache.supervisor.slots.FakeWorkers.Fake;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A worker that cannot use its store, and whom it may replace. */
class StoreGateTest {
    private static final WorkerMessage WITHOUT_STORE = new WorkerMessage.Ready("127.0.0.1:6379 refuses the login");

    private final RunningSlots test = new RunningSlots();

    @Test
    void replacesNobodyWhoCanAndIsTriedAgainLaterAndLater() {
        test.start(1, 80);
        Fake old = test.workers().last().serves();
        old.says(new WorkerMessage.ReplaceMe("memory"));

        for (int seconds : new int[] {1, 2, 4, 8, 16, 32, 60, 60}) {
            Fake refused = test.workers().last();
            refused.says(WITHOUT_STORE);
            assertThat(refused.wasKilled()).isTrue();
            refused.dies(137);
            int launched = test.workers().launched().size();
            test.scheduler().advance(Duration.ofSeconds(seconds).minusMillis(1));
            assertThat(test.workers().launched()).hasSize(launched);
            test.scheduler().advance(Duration.ofMillis(1));
            assertThat(test.workers().launched()).hasSize(launched + 1);
        }

        assertThat(old.wasTold(WorkerMessage.Retire.class)).isFalse();
        assertThat(old.holds()).containsExactly(800);
        test.workers().last().serves();
        assertThat(old.wasTold(WorkerMessage.Retire.class)).isTrue();
    }

    @Test
    void holdsNobodyElseBackMeanwhile() {
        test.start(2, 80);
        test.workers().last(1).serves().says(new WorkerMessage.ReplaceMe("memory"));
        Fake second = test.workers().launched().get(1).serves();
        test.workers().last().says(WITHOUT_STORE);

        second.says(new WorkerMessage.ReplaceMe("memory"));

        assertThat(test.workers().last().slot()).isEqualTo(second.slot());
        assertThat(test.workers().launched()).hasSize(4);
    }

    @Test
    void replacesAWorkerThatCannotEither() {
        test.start(1, 80);
        Fake old = test.workers().last().serves();
        old.canUseStore(false);
        test.scheduler().advance(Heartbeat.INTERVAL);
        old.says(new WorkerMessage.ReplaceMe("memory"));

        test.workers().last().says(WITHOUT_STORE);
        test.workers().last().adopts();

        assertThat(old.wasTold(WorkerMessage.Retire.class)).isTrue();
    }

    @Test
    void servesAtAFirstStartAndInPlaceOfADeadWorker() {
        test.start(1, 80);
        test.workers().last().says(WITHOUT_STORE);
        test.workers().last().adopts();
        assertThat(test.events()).containsExactly("served");

        test.workers().last().dies(137);
        test.workers().last().says(WITHOUT_STORE);
        test.workers().last().adopts();

        assertThat(test.workers().served()).containsExactly(800);
        assertThat(test.storeProblem()).isNull();
    }

    @Test
    void acceptsNothingBesideAnotherSupervisorWhoseWorkersCan() {
        test.startBesideOther(2, 80);
        test.workers().last(1).serves();

        test.workers().last().says(WITHOUT_STORE);

        assertThat(test.storeProblem())
                .isEqualTo(
                        test.workers().launched().get(1) + " cannot use its store (127.0.0.1:6379 refuses the login)");
        assertThat(test.workers().launched().get(1).wasKilled()).isTrue();
        assertThat(test.workers().launched().get(1).holds()).isEmpty();
        assertThat(test.complete()).isFalse();
    }

    @Test
    void isAnOrdinaryWorkerOnceTheUpgradeIsComplete() {
        test.startBesideOther(1, 80);
        test.workers().last().serves().dies(137);

        test.workers().last().says(WITHOUT_STORE);
        test.workers().last().adopts();

        assertThat(test.storeProblem()).isNull();
        assertThat(test.workers().served()).containsExactly(800);
    }

    @Test
    void tellsASuccessorWhetherAnyWorkerCan() {
        test.start(2, 80);
        test.workers().last(1).serves();
        test.workers().last().says(WITHOUT_STORE);
        assertThat(test.slots().isStoreUsable()).isTrue();

        test.workers().launched().forEach(worker -> worker.canUseStore(false));
        test.scheduler().advance(Heartbeat.INTERVAL);

        assertThat(test.slots().isStoreUsable()).isFalse();
    }
}
