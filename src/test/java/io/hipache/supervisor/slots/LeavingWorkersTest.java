package io.hipache.supervisor.slots;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.link.WorkerMessage;
import io.hipache.supervisor.slots.FakeWorkers.Fake;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Workers that are finishing their last requests, and the room that others need. */
class LeavingWorkersTest {
    private final RunningSlots test = new RunningSlots();

    @Test
    void endsTheOldestBeforeThereAreMoreThanOneGeneration() {
        test.start(1, 80);
        Fake leaving = test.workers().last().serves();
        leaving.says(new WorkerMessage.ReplaceMe("memory"));
        Fake current = test.workers().last().serves();
        assertThat(leaving.wasTold(WorkerMessage.Retire.class)).isTrue();
        test.settle();

        current.says(new WorkerMessage.ReplaceMe("memory"));
        assertThat(test.workers().launched()).hasSize(2);
        assertThat(leaving.told(WorkerMessage.Stop.class)).isEqualTo(1);
        leaving.dies(0);

        assertThat(test.workers().launched()).hasSize(3);
        test.workers().last().serves();
        assertThat(current.wasTold(WorkerMessage.Retire.class)).isTrue();
        assertThat(current.wasTold(WorkerMessage.Stop.class)).isFalse();
    }

    @Test
    void letsAsManyLeaveAsThereAreWorkers() {
        test.start(2, 80);
        Fake first = test.workers().last(1).serves();
        Fake second = test.workers().last().serves();

        first.says(new WorkerMessage.ReplaceMe("memory"));
        test.workers().last().serves();
        test.settle();
        second.says(new WorkerMessage.ReplaceMe("memory"));
        assertThat(test.workers().launched()).hasSize(4);
        Fake third = test.workers().last().serves();
        test.settle();
        third.says(new WorkerMessage.ReplaceMe("memory"));

        assertThat(first.wasTold(WorkerMessage.Stop.class)).isTrue();
        assertThat(second.wasTold(WorkerMessage.Stop.class)).isFalse();
        assertThat(test.workers().launched()).hasSize(4);
    }

    @Test
    void killsOneThatDoesNotEndInTheTimeOfAStop() {
        test.start(1, 80);
        Fake leaving = test.workers().last().serves();
        leaving.says(new WorkerMessage.ReplaceMe("memory"));
        Fake current = test.workers().last().serves();
        test.settle();
        current.says(new WorkerMessage.ReplaceMe("memory"));

        test.scheduler().advance(Duration.ofSeconds(9));
        assertThat(leaving.wasKilled()).isFalse();
        test.scheduler().advance(Duration.ofSeconds(1));

        assertThat(leaving.wasKilled()).isTrue();
    }

    @Test
    void fillsTheSlotOfADeadWorkerWithoutWaiting() {
        test.start(1, 80);
        Fake leaving = test.workers().last().serves();
        leaving.says(new WorkerMessage.ReplaceMe("memory"));
        Fake current = test.workers().last().serves();

        test.scheduler().advance(Duration.ofSeconds(1));
        current.dies(137);

        assertThat(test.workers().launched()).hasSize(3);
        assertThat(leaving.wasTold(WorkerMessage.Stop.class)).isFalse();
    }

    @Test
    void endsThoseThatWereLeavingWhenAnotherSupervisorServes() {
        test.start(1, 80);
        Fake leaving = test.workers().last().serves();
        leaving.says(new WorkerMessage.ReplaceMe("memory"));
        Fake current = test.workers().last().serves();

        test.slots().retireAll();

        assertThat(leaving.wasTold(WorkerMessage.Stop.class)).isTrue();
        assertThat(current.wasTold(WorkerMessage.Stop.class)).isFalse();
        test.scheduler().advance(Duration.ofSeconds(10));
        assertThat(leaving.wasKilled()).isTrue();
        assertThat(current.wasKilled()).isFalse();
    }
}
