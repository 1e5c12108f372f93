package io.hipache.supervisor.slots;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.config.ConfigException;
import io.hipache.config.ConfigJson;
import io.hipache.link.WorkerMessage;
import io.hipache.supervisor.slots.FakeWorkers.Fake;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PreparationTest {
    private static final int NUMBER = 2;

    private final ManualScheduler scheduler = new ManualScheduler();
    private final FakeWorkers workers = new FakeWorkers(scheduler);
    private final AtomicInteger timeouts = new AtomicInteger();
    private final Generation present = generation(1);
    private final Generation wanted = generation(NUMBER);
    private final Preparation preparation = new Preparation(wanted, scheduler, timeouts::incrementAndGet);
    private final SlotWorker first = worker(0);
    private final SlotWorker second = worker(1);

    @Test
    void isCompleteWhenEveryWorkerHasPrepared() {
        preparation.ask(first);
        preparation.ask(second);
        preparation.ask(second);

        preparation.received(first, new WorkerMessage.Prepared(NUMBER, ""));
        assertThat(preparation.isComplete()).isFalse();
        preparation.received(second, new WorkerMessage.Prepared(NUMBER, ""));

        assertThat(preparation.isComplete()).isTrue();
        preparation.switchAll();
        assertThat(fake(second).wasTold(WorkerMessage.Switch.class)).isTrue();
        assertThat(fake(second).told(WorkerMessage.Prepare.class)).isEqualTo(1);
        assertThat(first.generation()).isSameAs(present);
        first.switched(NUMBER);
        assertThat(first.generation()).isSameAs(wanted);
    }

    @Test
    void ignoresAnswersAboutAnotherConfiguration() {
        preparation.ask(first);

        preparation.received(first, new WorkerMessage.Prepared(1, ""));
        preparation.received(first, new WorkerMessage.Refused(1, "late"));
        preparation.received(second, new WorkerMessage.Refused(NUMBER, "was not asked"));

        assertThat(preparation.isComplete()).isFalse();
        assertThat(preparation.problem()).isNull();
    }

    @Test
    void failsWithTheFirstRefusalAndTellsEverybody() {
        preparation.ask(first);
        preparation.ask(second);

        preparation.received(first, new WorkerMessage.Prepared(NUMBER, ""));
        preparation.received(second, new WorkerMessage.Refused(NUMBER, "the key does not fit"));
        preparation.discard();

        assertThat(preparation.problem()).isEqualTo(second + " cannot use the new configuration: the key does not fit");
        assertThat(preparation.isComplete()).isFalse();
        assertThat(fake(first).wasTold(WorkerMessage.Discard.class)).isTrue();
        assertThat(fake(second).wasTold(WorkerMessage.Discard.class)).isTrue();
    }

    @Test
    void failsWhenAWorkerDiesBeforeItsAnswerAndNotAfterIt() {
        preparation.ask(first);
        preparation.ask(second);

        preparation.received(first, new WorkerMessage.Prepared(NUMBER, ""));
        preparation.died(first);
        assertThat(preparation.problem()).isNull();
        preparation.died(second);

        assertThat(preparation.problem()).isEqualTo(second + " died while it prepared the new configuration");
    }

    @Test
    void failsWhenAWorkerIsSilent() {
        preparation.ask(first);

        scheduler.advance(Preparation.LIMIT.minusMillis(1));
        assertThat(preparation.problem()).isNull();
        scheduler.advance(Preparation.LIMIT);

        assertThat(preparation.problem()).isEqualTo(first + " has not prepared the new configuration within 7 s");
        assertThat(timeouts).hasValue(1);
    }

    @Test
    void givesAWorkerThatJoinsItsOwnTime() {
        preparation.ask(first);
        preparation.received(first, new WorkerMessage.Prepared(NUMBER, ""));
        scheduler.advance(Preparation.LIMIT.minusMillis(1));

        preparation.ask(second);
        assertThat(preparation.isComplete()).isFalse();
        scheduler.advance(Preparation.LIMIT.minusMillis(1));

        assertThat(preparation.problem()).isNull();
    }

    @Test
    void doesNotWaitForAWorkerThatLeaves() {
        preparation.ask(first);

        preparation.leaves(first);
        scheduler.advance(Preparation.LIMIT);

        assertThat(preparation.isComplete()).isTrue();
        assertThat(fake(first).wasTold(WorkerMessage.Discard.class)).isTrue();
    }

    @Test
    void replacesAWorkerThatDoesNotFollow() {
        preparation.ask(first);
        preparation.received(first, new WorkerMessage.Prepared(NUMBER, ""));

        preparation.switchAll();
        scheduler.advance(Preparation.LIMIT);

        assertThat(first.replacementReason()).isEqualTo("it does not follow the new configuration");
    }

    private SlotWorker worker(int slot) {
        try {
            Fake process = (Fake) workers.launch(slot, present.config(), true, (worker, message) -> {});
            process.isSilent();
            return new SlotWorker(workers, process, slot, present);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Fake fake(SlotWorker worker) {
        return (Fake) worker.process();
    }

    private static Generation generation(int number) {
        try {
            return new Generation(number, ConfigJson.decode("{}"));
        } catch (ConfigException e) {
            throw new AssertionError(e);
        }
    }
}
