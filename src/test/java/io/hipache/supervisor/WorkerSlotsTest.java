package io.hipache.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.config.ConfigException;
import io.hipache.config.ConfigJson;
import io.hipache.config.HipacheConfig;
import io.hipache.link.WorkerMessage;
import io.hipache.supervisor.FakeWorkers.Fake;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WorkerSlotsTest {
    private final ManualAgenda agenda = new ManualAgenda();
    private final FakeWorkers workers = new FakeWorkers(agenda);
    private final List<String> milestones = new ArrayList<>();
    private boolean complete;
    private @Nullable WorkerSlots slots;

    @Test
    void givesEverythingToTheFirstWorkerAndEveryOneItsOwnInTheEnd() {
        start(2, 80);

        workers.last(1).serves();
        assertThat(workers.last(1).holds()).containsExactly(800, 801);
        assertThat(milestones).containsExactly("served");
        workers.last().serves();

        assertThat(workers.last(1).holds()).containsExactly(800);
        assertThat(workers.last().holds()).containsExactly(801);
    }

    @Test
    void hasALivingWorkerServeWhatADeadOneServedUntilTheNextIsReady() {
        start(2, 80);
        Fake survivor = workers.last(1).serves();
        Fake victim = workers.last().serves();

        victim.dies(137);
        survivor.adopts();

        assertThat(survivor.holds()).containsExactly(800, 801);
        Fake replacement = workers.last();
        assertThat(replacement.slot()).isEqualTo(victim.slot());
        replacement.serves();
        assertThat(replacement.holds()).containsExactly(801);
        assertThat(survivor.holds()).containsExactly(800);
    }

    @Test
    void doesNotWaitForTheLastWordsOfADeadWorker() {
        start(2, 80);
        Fake survivor = workers.last(1).serves();
        Fake victim = workers.last().serves();

        victim.exits();
        survivor.adopts();

        assertThat(survivor.holds()).containsExactly(800, 801);
        assertThat(workers.launched()).hasSize(2);
    }

    @Test
    void releasesNothingBeforeSomebodyElseHasAdoptedIt() {
        start(1, 80);
        Fake old = workers.last().serves();
        old.says(new WorkerMessage.ReplaceMe("memory"));
        Fake replacement = workers.last();

        replacement.says(new WorkerMessage.Ready());
        assertThat(old.holds()).containsExactly(800);
        assertThat(old.wasTold(WorkerMessage.Retire.class)).isFalse();
        replacement.adopts();

        assertThat(old.holds()).isEmpty();
        assertThat(old.wasTold(WorkerMessage.Retire.class)).isTrue();
    }

    @Test
    void startsOneReplacementForOneWish() {
        start(1, 80);
        Fake old = workers.last().serves();

        old.says(new WorkerMessage.ReplaceMe("memory"));
        old.says(new WorkerMessage.ReplaceMe("memory"));

        assertThat(workers.alive()).hasSize(2);
    }

    @Test
    void replacesOneWorkerAfterTheOther() {
        start(2, 80);
        Fake first = workers.last(1).serves();
        Fake second = workers.last().serves();

        first.says(new WorkerMessage.ReplaceMe("memory"));
        second.says(new WorkerMessage.ReplaceMe("memory"));
        assertThat(workers.alive()).hasSize(3);
        workers.last().serves();

        assertThat(workers.alive()).hasSize(4);
        assertThat(workers.last().slot()).isEqualTo(second.slot());
    }

    @Test
    void goesOnWithTheOldWorkerWhileItsReplacementCannotBeStarted() {
        start(1, 80);
        Fake old = workers.last().serves();
        old.says(new WorkerMessage.ReplaceMe("memory"));

        workers.last().dies(1);
        assertThat(workers.launched()).hasSize(3);
        workers.last().says(new WorkerMessage.Failed("no memory"));
        workers.last().dies(1);
        assertThat(workers.launched()).hasSize(3);
        agenda.advance(Duration.ofMillis(100));

        assertThat(workers.launched()).hasSize(4);
        assertThat(old.holds()).containsExactly(800);
        assertThat(old.wasTold(WorkerMessage.Retire.class)).isFalse();
    }

    @Test
    void replacesAtOnceHoweverOftenWorkersAreKilledInService() {
        start(2, 80);
        workers.last(1).serves();
        workers.last().serves();

        for (int kill = 1; kill <= 20; kill++) {
            agenda.advance(Duration.ofSeconds(1));
            workers.last().dies(137);
            workers.alive().forEach(Fake::adopts);

            assertThat(workers.launched()).hasSize(2 + kill);
            workers.last().serves();
        }
    }

    @Test
    void keepsTheOldWorkerWhenItsReplacementDiesBeforeItHasAdopted() {
        start(1, 80);
        Fake old = workers.last().serves();
        old.says(new WorkerMessage.ReplaceMe("memory"));
        workers.last().says(new WorkerMessage.Ready());

        workers.last().dies(1);

        assertThat(old.holds()).containsExactly(800);
        assertThat(old.wasTold(WorkerMessage.Retire.class)).isFalse();
        workers.last().serves();
        assertThat(old.wasTold(WorkerMessage.Retire.class)).isTrue();
    }

    @Test
    void replacesAWorkerThatDoesNotAnswerWithinTenSeconds() {
        start(2, 80);
        Fake survivor = workers.last(1).serves();
        Fake victim = workers.last().serves();
        agenda.advance(Duration.ofMinutes(10));
        assertThat(victim.wasKilled()).isFalse();

        victim.hangs();
        agenda.advance(Duration.ofSeconds(7));
        assertThat(victim.wasKilled()).isFalse();
        agenda.advance(Duration.ofSeconds(3));
        survivor.adopts();

        assertThat(victim.wasKilled()).isTrue();
        assertThat(survivor.holds()).containsExactly(800, 801);
        assertThat(workers.launched()).hasSize(3);
        victim.dies(137);
        assertThat(workers.launched()).hasSize(3);
    }

    @Test
    void killsAWorkerThatTakesTooLongToStart() {
        start(1, 80);

        agenda.advance(Duration.ofSeconds(60));

        assertThat(workers.last().wasKilled()).isTrue();
        workers.last().dies(137);
        assertThat(code()).isEqualTo(1);
    }

    @Test
    void endsWhenNoWorkerCanEverStart() {
        start(2, 80);

        workers.last().dies(3);
        workers.last().dies(3);
        assertThat(code()).isNull();
        workers.last().dies(3);
        agenda.advance(Duration.ofSeconds(1));
        workers.alive().forEach(worker -> worker.dies(137));

        assertThat(code()).isEqualTo(1);
    }

    @Test
    void keepsTheOthersAndTriesForEverWhenOneSlotCannotBeFilled() {
        start(2, 80);
        Fake survivor = workers.last(1).serves();
        Fake victim = workers.last().serves();
        victim.dies(1);
        survivor.adopts();

        for (int i = 0; i < 30; i++) {
            workers.last().dies(1);
            agenda.advance(Duration.ofSeconds(10));
        }

        assertThat(workers.launched()).hasSize(33);
        assertThat(survivor.holds()).containsExactly(800, 801);
        assertThat(survivor.wasTold(WorkerMessage.Stop.class)).isFalse();
    }

    @Test
    void triesAgainWhenTheSystemStartsNoProcess() {
        start(1, 80);
        Fake victim = workers.last().serves();
        workers.refuse("Cannot allocate memory");

        victim.dies(137);
        agenda.advance(Duration.ofSeconds(5));
        workers.refuse("");
        agenda.advance(Duration.ofSeconds(10));

        assertThat(workers.launched()).hasSize(2);
        workers.last().serves();
        assertThat(workers.served()).containsExactly(800);
    }

    // reload

    @Test
    void renewsOneWorkerAfterTheOtherAndSaysWhenAllAre() {
        start(2, 80);
        Fake first = workers.last(1).serves();
        Fake second = workers.last().serves();

        HipacheConfig renewed = reload(2, 80);
        assertThat(workers.alive()).hasSize(3);
        workers.last().serves();
        assertThat(first.wasTold(WorkerMessage.Retire.class)).isTrue();
        assertThat(second.wasTold(WorkerMessage.Retire.class)).isFalse();
        workers.last().serves();

        assertThat(second.wasTold(WorkerMessage.Retire.class)).isTrue();
        assertThat(milestones).containsExactly("served", "reloading", "reloaded");
        assertThat(List.of(workers.last(1), workers.last()))
                .allSatisfy(worker -> assertThat(worker.config()).isSameAs(renewed));
        assertThat(workers.launched()).hasSize(4);
    }

    @Test
    void hasNewListenersServedByTheFirstWorkerThatKnowsThem() {
        start(2, 80);
        workers.last(1).serves();
        Fake old = workers.last().serves();

        reload(2, 80, 81);
        Fake first = workers.last().serves();

        assertThat(first.holds()).containsExactly(800, 810, 811);
        assertThat(old.holds()).containsExactly(801);
        workers.last().serves();
        assertThat(first.holds()).containsExactly(800, 810);
        assertThat(workers.last().holds()).containsExactly(801, 811);
    }

    @Test
    void closesARemovedListenerOnlyWhenTheLastWorkerThatServesItLeaves() {
        start(2, 80, 81);
        Fake first = workers.last(1).serves();
        Fake second = workers.last().serves();

        reload(2, 80);
        workers.last().serves();
        second.adopts();
        assertThat(second.holds()).contains(810, 811);
        assertThat(first.wasTold(WorkerMessage.Retire.class)).isTrue();
        assertThat(workers.sockets()).hasSize(4);
        workers.last().serves();

        assertThat(workers.sockets()).hasSize(2).noneMatch(socket -> socket.port() == 81);
        assertThat(second.holds()).containsExactly(810, 811);
        assertThat(second.wasTold(WorkerMessage.Retire.class)).isTrue();
    }

    @Test
    void growsAndShrinksWithoutLosingASet() {
        start(1, 80);
        workers.last().serves();

        reload(3, 80);
        workers.alive().forEach(Fake::serves);
        workers.last().serves();
        assertThat(milestones).endsWith("reloaded");
        assertThat(workers.served()).containsExactly(800, 801, 802);
        reload(1, 80);
        Fake only = workers.last().serves();
        only.adopts();

        assertThat(only.holds()).containsExactly(800, 801, 802);
        assertThat(workers.alive().stream().filter(worker -> !worker.wasTold(WorkerMessage.Retire.class)))
                .containsExactly(only);
        assertThat(milestones).endsWith("reloading", "reloaded");
    }

    @Test
    void goesBackWhenNoWorkerStartsWithTheNewConfiguration() {
        start(2, 80);
        Fake first = workers.last(1).serves();
        Fake second = workers.last().serves();
        reload(3, 80, 81);
        workers.last().says(new WorkerMessage.Failed("cannot read the certificate"));
        workers.last().dies(1);
        first.adopts();

        workers.alive().stream()
                .filter(worker -> worker != first && worker != second)
                .forEach(worker -> assertThat(worker.wasKilled()).isTrue());
        assertThat(first.holds()).containsExactly(800, 802);
        assertThat(second.holds()).containsExactly(801);
        assertThat(first.wasTold(WorkerMessage.Retire.class)).isFalse();
        assertThat(workers.sockets()).noneMatch(socket -> socket.port() == 81);
        assertThat(milestones).endsWith("reloaded");
        assertThat(code()).isNull();
    }

    @Test
    void dropsAReloadForANewerOne() {
        start(1, 80);
        Fake old = workers.last().serves();

        reload(1, 80);
        Fake overtaken = workers.last();
        HipacheConfig newest = reload(1, 80);
        assertThat(overtaken.wasKilled()).isTrue();
        overtaken.says(new WorkerMessage.Ready());
        assertThat(old.wasTold(WorkerMessage.Retire.class)).isFalse();
        workers.last().serves();

        assertThat(workers.last().config()).isSameAs(newest);
        assertThat(old.wasTold(WorkerMessage.Retire.class)).isTrue();
        assertThat(workers.launched()).hasSize(3);
        assertThat(milestones).containsOnlyOnce("reloaded");
    }

    // stop

    @Test
    void stopsInOrder() {
        start(2, 80);
        workers.last(1).serves();
        workers.last().serves();

        slots().stopAll(0, Duration.ofSeconds(8));
        assertThat(workers.sockets()).isEmpty();
        assertThat(workers.alive()).allMatch(worker -> worker.wasTold(WorkerMessage.Stop.class));
        workers.alive().forEach(worker -> worker.dies(0));

        assertThat(code()).isZero();
        assertThat(milestones).endsWith("stopping");
        assertThat(workers.launched()).hasSize(2);
    }

    @Test
    void stopsOnlyWhenWhatIsHandedOverHasArrived() {
        start(2, 80);
        Fake survivor = workers.last(1).serves();
        workers.last().serves().dies(137);

        slots().stopAll(0, Duration.ofSeconds(8));
        assertThat(survivor.wasTold(WorkerMessage.Stop.class)).isFalse();
        survivor.adopts();

        assertThat(survivor.wasTold(WorkerMessage.Stop.class)).isTrue();
        assertThat(workers.last().wasKilled()).isTrue();
    }

    @Test
    void killsWhoDoesNotEndInTime() {
        start(1, 80);
        Fake worker = workers.last().serves();

        slots().stopAll(0, Duration.ofSeconds(8));
        agenda.advance(Duration.ofSeconds(9));
        assertThat(worker.wasKilled()).isFalse();
        agenda.advance(Duration.ofSeconds(1));

        assertThat(worker.wasKilled()).isTrue();
    }

    // upgrade

    @Test
    void isCompleteWhenEveryWorkerServesItsOwnSockets() {
        start(2, 80);

        workers.last(1).serves();
        assertThat(milestones).containsExactly("served");
        assertThat(complete).isFalse();
        workers.last().serves();

        assertThat(complete).isTrue();
    }

    @Test
    void retiresEveryWorkerWhenAnotherSupervisorServes() {
        start(2, 80);
        Fake first = workers.last(1).serves();
        Fake starting = workers.last();

        slots().retireAll();
        assertThat(workers.sockets()).isEmpty();
        assertThat(first.wasTold(WorkerMessage.Retire.class)).isTrue();
        assertThat(starting.wasKilled()).isTrue();
        starting.dies(137);
        assertThat(code()).isNull();
        first.dies(0);

        assertThat(code()).isZero();
        assertThat(workers.launched()).hasSize(2);
        assertThat(milestones).containsExactly("served");
    }

    @Test
    void killsARetiredWorkerOnlyAfterItsGracefulWait() {
        start(1, 80);
        Fake worker = workers.last().serves();

        slots().retireAll();
        agenda.advance(Duration.ofSeconds(121));
        assertThat(worker.wasKilled()).isFalse();
        agenda.advance(Duration.ofSeconds(1));

        assertThat(worker.wasKilled()).isTrue();
    }

    @Test
    void aStopShortensTheRetirement() {
        start(1, 80);
        Fake worker = workers.last().serves();

        slots().retireAll();
        slots().stopAll(0, Duration.ofSeconds(8));
        assertThat(worker.wasTold(WorkerMessage.Stop.class)).isTrue();
        agenda.advance(Duration.ofSeconds(10));

        assertThat(worker.wasKilled()).isTrue();
        assertThat(milestones).containsExactly("served");
    }

    private WorkerSlots slots() {
        if (slots == null) {
            throw new IllegalStateException("not started");
        }
        return slots;
    }

    private @Nullable Integer code() {
        return slots().exitCode().getNow(null);
    }

    private void start(int count, int... ports) {
        slots = new WorkerSlots(
                config(count, ports),
                workers,
                (worker, message) -> {},
                RestartPolicy.DEFAULT,
                agenda,
                new Milestones() {
                    @Override
                    public void served() {
                        milestones.add("served");
                    }

                    @Override
                    public void complete() {
                        complete = true;
                    }

                    @Override
                    public void reloading() {
                        milestones.add("reloading");
                    }

                    @Override
                    public void reloaded(HipacheConfig config) {
                        milestones.add("reloaded");
                    }

                    @Override
                    public void stopping() {
                        milestones.add("stopping");
                    }
                });
        slots().startAll();
        agenda.settle();
    }

    private HipacheConfig reload(int count, int... ports) {
        HipacheConfig config = config(count, ports);
        slots().renewAll(config);
        agenda.settle();
        return config;
    }

    private HipacheConfig config(int count, int... ports) {
        List<String> binds = new ArrayList<>();
        for (int port : ports) {
            workers.listening(port, count);
            binds.add("{\"address\": \"127.0.0.1\", \"port\": " + port + "}");
        }
        try {
            return ConfigJson.decode("{\"server\": {\"workers\": " + count
                    + ", \"staticDir\": \"/\"}, \"http\": {\"bind\": " + binds + "}}");
        } catch (ConfigException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
