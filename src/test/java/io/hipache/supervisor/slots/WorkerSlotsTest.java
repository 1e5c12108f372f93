package io.hipache.supervisor.slots;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.link.WorkerMessage;
import io.hipache.supervisor.slots.FakeWorkers.Fake;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WorkerSlotsTest {
    private final RunningSlots test = new RunningSlots();

    @Test
    void givesEverythingToTheFirstWorkerAndEveryOneItsOwnInTheEnd() {
        test.start(2, 80);

        test.workers().last(1).serves();
        assertThat(test.workers().last(1).holds()).containsExactly(800, 801);
        assertThat(test.events()).containsExactly("served");
        test.workers().last().serves();

        assertThat(test.workers().last(1).holds()).containsExactly(800);
        assertThat(test.workers().last().holds()).containsExactly(801);
    }

    @Test
    void hasALivingWorkerServeWhatADeadOneServedUntilTheNextIsReady() {
        test.start(2, 80);
        Fake survivor = test.workers().last(1).serves();
        Fake victim = test.workers().last().serves();

        victim.dies(137);
        survivor.adopts();

        assertThat(survivor.holds()).containsExactly(800, 801);
        Fake replacement = test.workers().last();
        assertThat(replacement.slot()).isEqualTo(victim.slot());
        replacement.serves();
        assertThat(replacement.holds()).containsExactly(801);
        assertThat(survivor.holds()).containsExactly(800);
    }

    @Test
    void givesAWorkerTimeToWarmUpWhileOthersServe() {
        test.start(2, 80);
        assertThat(test.workers().launched()).noneMatch(Fake::isServed);
        Fake survivor = test.workers().last(1).serves();
        test.workers().last().serves().dies(137);
        assertThat(test.workers().last().isServed()).isTrue();

        test.workers().last().dies(137);
        survivor.dies(137);

        assertThat(test.workers().last().isServed()).isFalse();
    }

    @Test
    void givesTimeToAWorkerThatReplacesALivingOne() {
        test.start(1, 80);
        test.workers().last().serves().says(new WorkerMessage.ReplaceMe("memory"));

        assertThat(test.workers().last().isServed()).isTrue();
    }

    @Test
    void givesTimeToTheWorkersOfAnUpgrade() {
        test.startBesideOther(1, 80);
        assertThat(test.workers().last().isServed()).isTrue();

        test.workers().last().serves().dies(137);

        assertThat(test.workers().last().isServed()).isFalse();
    }

    @Test
    void passesADeathOnToEachOtherWorker() {
        test.start(3, 80);
        Fake one = test.workers().last(2).serves();
        Fake two = test.workers().last(1).serves();
        Fake three = test.workers().last().serves();

        two.says(new WorkerMessage.BackendDied("a.example", "http://a:80"));

        assertThat(one.told(WorkerMessage.BackendDied.class)).isEqualTo(1);
        assertThat(two.told(WorkerMessage.BackendDied.class)).isZero();
        assertThat(three.told(WorkerMessage.BackendDied.class)).isEqualTo(1);
    }

    @Test
    void passesNoMoreDeathsOnThanAWorkerMayTell() {
        test.start(2, 80);
        Fake one = test.workers().last(1).serves();
        Fake two = test.workers().last().serves();
        long begin = System.nanoTime();

        for (int i = 0; i < 5_000; i++) {
            two.says(new WorkerMessage.BackendDied("a.example", "http://a:80"));
        }

        long seconds = 2 + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin);
        assertThat(one.told(WorkerMessage.BackendDied.class)).isBetween(100L, 100 * seconds);
    }

    @Test
    void doesNotWaitForTheLastWordsOfADeadWorker() {
        test.start(2, 80);
        Fake survivor = test.workers().last(1).serves();
        Fake victim = test.workers().last().serves();

        victim.exits();
        survivor.adopts();

        assertThat(survivor.holds()).containsExactly(800, 801);
        assertThat(test.workers().launched()).hasSize(2);
    }

    @Test
    void releasesNothingBeforeSomebodyElseHasAdoptedIt() {
        test.start(1, 80);
        Fake old = test.workers().last().serves();
        old.says(new WorkerMessage.ReplaceMe("memory"));
        Fake replacement = test.workers().last();

        replacement.says(new WorkerMessage.Ready());
        assertThat(old.holds()).containsExactly(800);
        assertThat(old.wasTold(WorkerMessage.Retire.class)).isFalse();
        replacement.adopts();

        assertThat(old.holds()).isEmpty();
        assertThat(old.wasTold(WorkerMessage.Retire.class)).isTrue();
    }

    @Test
    void startsOneReplacementForOneWish() {
        test.start(1, 80);
        Fake old = test.workers().last().serves();

        old.says(new WorkerMessage.ReplaceMe("memory"));
        old.says(new WorkerMessage.ReplaceMe("memory"));

        assertThat(test.workers().alive()).hasSize(2);
    }

    @Test
    void replacesOneWorkerAfterTheOther() {
        test.start(2, 80);
        Fake first = test.workers().last(1).serves();
        Fake second = test.workers().last().serves();

        first.says(new WorkerMessage.ReplaceMe("memory"));
        second.says(new WorkerMessage.ReplaceMe("memory"));
        assertThat(test.workers().alive()).hasSize(3);
        test.workers().last().serves();
        assertThat(first.wasTold(WorkerMessage.Retire.class)).isTrue();
        test.scheduler().advance(LeavingWorkers.SETTLING.minusMillis(1));
        assertThat(test.workers().alive())
                .as("while the clients of the first one connect")
                .hasSize(3);
        test.scheduler().advance(Duration.ofMillis(1));

        assertThat(test.workers().alive()).hasSize(4);
        assertThat(test.workers().last().slot()).isEqualTo(second.slot());
    }

    @Test
    void goesOnWithTheOldWorkerWhileItsReplacementCannotBeStarted() {
        test.start(1, 80);
        Fake old = test.workers().last().serves();
        old.says(new WorkerMessage.ReplaceMe("memory"));

        test.workers().last().dies(1);
        assertThat(test.workers().launched()).hasSize(3);
        test.workers().last().says(new WorkerMessage.Failed("no memory"));
        test.workers().last().dies(1);
        assertThat(test.workers().launched()).hasSize(3);
        test.scheduler().advance(Duration.ofMillis(100));

        assertThat(test.workers().launched()).hasSize(4);
        assertThat(old.holds()).containsExactly(800);
        assertThat(old.wasTold(WorkerMessage.Retire.class)).isFalse();
    }

    @Test
    void replacesAtOnceHoweverOftenWorkersAreKilledInService() {
        test.start(2, 80);
        test.workers().last(1).serves();
        test.workers().last().serves();

        for (int kill = 1; kill <= 20; kill++) {
            test.scheduler().advance(Duration.ofSeconds(1));
            test.workers().last().dies(137);
            test.workers().alive().forEach(Fake::adopts);

            assertThat(test.workers().launched()).hasSize(2 + kill);
            test.workers().last().serves();
        }
    }

    @Test
    void keepsTheOldWorkerWhenItsReplacementDiesBeforeItHasAdopted() {
        test.start(1, 80);
        Fake old = test.workers().last().serves();
        old.says(new WorkerMessage.ReplaceMe("memory"));
        test.workers().last().says(new WorkerMessage.Ready());

        test.workers().last().dies(1);

        assertThat(old.holds()).containsExactly(800);
        assertThat(old.wasTold(WorkerMessage.Retire.class)).isFalse();
        test.workers().last().serves();
        assertThat(old.wasTold(WorkerMessage.Retire.class)).isTrue();
    }

    @Test
    void replacesAWorkerThatDoesNotAnswerWithinTenSeconds() {
        test.start(2, 80);
        Fake survivor = test.workers().last(1).serves();
        Fake victim = test.workers().last().serves();
        test.scheduler().advance(Duration.ofMinutes(10));
        assertThat(victim.wasKilled()).isFalse();

        victim.hangs();
        test.scheduler().advance(Duration.ofSeconds(7));
        assertThat(victim.wasKilled()).isFalse();
        test.scheduler().advance(Duration.ofSeconds(3));
        survivor.adopts();

        assertThat(victim.wasKilled()).isTrue();
        assertThat(survivor.holds()).containsExactly(800, 801);
        assertThat(test.workers().launched()).hasSize(3);
        victim.dies(137);
        assertThat(test.workers().launched()).hasSize(3);
    }

    @Test
    void killsAWorkerThatTakesTooLongToStart() {
        test.start(1, 80);

        test.scheduler().advance(Duration.ofSeconds(60));

        assertThat(test.workers().last().wasKilled()).isTrue();
        test.workers().last().dies(137);
        assertThat(test.code()).isEqualTo(1);
    }

    @Test
    void endsWhenNoWorkerCanEverStart() {
        test.start(2, 80);

        test.workers().last().dies(3);
        test.workers().last().dies(3);
        assertThat(test.code()).isNull();
        test.workers().last().dies(3);
        test.scheduler().advance(Duration.ofSeconds(1));
        test.workers().alive().forEach(worker -> worker.dies(137));

        assertThat(test.code()).isEqualTo(1);
    }

    @Test
    void keepsTheOthersAndTriesForEverWhenOneSlotCannotBeFilled() {
        test.start(2, 80);
        Fake survivor = test.workers().last(1).serves();
        Fake victim = test.workers().last().serves();
        victim.dies(1);
        survivor.adopts();

        for (int i = 0; i < 30; i++) {
            test.workers().last().dies(1);
            test.scheduler().advance(Duration.ofSeconds(10));
        }

        assertThat(test.workers().launched()).hasSize(33);
        assertThat(survivor.holds()).containsExactly(800, 801);
        assertThat(survivor.wasTold(WorkerMessage.Stop.class)).isFalse();
    }

    @Test
    void triesAgainWhenTheSystemStartsNoProcess() {
        test.start(1, 80);
        Fake victim = test.workers().last().serves();
        test.workers().refuse("Cannot allocate memory");

        victim.dies(137);
        test.scheduler().advance(Duration.ofSeconds(5));
        test.workers().refuse("");
        test.scheduler().advance(Duration.ofSeconds(10));

        assertThat(test.workers().launched()).hasSize(2);
        test.workers().last().serves();
        assertThat(test.workers().served()).containsExactly(800);
    }

    // reload
}
