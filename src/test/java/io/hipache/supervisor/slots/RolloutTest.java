package io.hipache.supervisor.slots;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.config.HipacheConfig;
import io.hipache.link.WorkerMessage;
import io.hipache.supervisor.slots.FakeWorkers.Fake;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A reload that living workers follow in place. */
class RolloutTest {
    private final RunningSlots test = new RunningSlots();

    @Test
    void isFollowedByTheWorkersThatAreThere() {
        startTwo();

        HipacheConfig config = test.reload(2, 80);

        assertThat(test.events()).containsExactly("served", "switched", "ended");
        assertThat(test.end()).isEqualTo(new ReloadEnd(true, java.util.List.of(), 0, java.util.List.of(), ""));
        assertThat(test.slots().inForce()).isSameAs(config);
        assertThat(test.workers().launched()).hasSize(2).allSatisfy(worker -> {
            assertThat(worker.config()).isSameAs(config);
            assertThat(worker.wasTold(WorkerMessage.Retire.class)).isFalse();
        });
        assertThat(test.workers().served()).containsExactly(800, 801);
    }

    @Test
    void isFollowedByNobodyBeforeAllHavePrepared() {
        startTwo();
        second().isSilent();
        test.reload(2, 80);
        assertThat(first().wasTold(WorkerMessage.Switch.class)).isFalse();
        assertThat(test.slots().isPreparing()).isTrue();

        second().says(new WorkerMessage.Prepared(second().number(), ""));
        assertThat(first().wasTold(WorkerMessage.Switch.class)).isTrue();
        assertThat(second().wasTold(WorkerMessage.Switch.class)).isTrue();
        assertThat(test.hasEnded()).isFalse();
        second().says(new WorkerMessage.Switched(second().number()));

        assertThat(test.end().problems()).isEmpty();
    }

    @Test
    void changesNothingWhenOneWorkerRefuses() {
        HipacheConfig before = startTwo();
        second().refuses("Redis at 127.0.0.1:6379 refuses the login");

        test.reload(3, 80);

        assertUnchanged(
                before, second() + " cannot use the new configuration: Redis at 127.0.0.1:6379 refuses the login");
        assertThat(first().wasTold(WorkerMessage.Discard.class)).isTrue();
        assertThat(test.workers().launched()).hasSize(2);
    }

    @Test
    void changesNothingWhenAWorkerDiesBeforeItHasAnswered() {
        HipacheConfig before = startTwo();
        second().isSilent();
        test.reload(2, 80);

        second().dies(137);

        assertUnchanged(before, second() + " died while it prepared the new configuration");
        assertThat(test.workers().last().config()).isSameAs(before);
    }

    @Test
    void changesNothingWhenAWorkerHangs() {
        HipacheConfig before = startTwo();
        second().isSilent();
        second().hangs();
        test.reload(2, 80);

        test.scheduler().advance(Duration.ofMillis(6_999));
        assertThat(test.hasEnded()).isFalse();
        test.scheduler().advance(Duration.ofMillis(1));

        assertUnchanged(before, second() + " has not prepared the new configuration within 7 s");
        assertThat(second().wasKilled()).isFalse();
    }

    @Test
    void doesNotMindAWorkerThatDiesAfterItsAnswer() {
        startTwo();
        Fake prepared = first();
        Fake awaited = second();
        awaited.isSilent();
        HipacheConfig config = test.reload(2, 80);

        prepared.dies(137);
        Fake replacement = test.workers().last();
        assertThat(replacement.config()).isNotSameAs(config);
        awaited.says(new WorkerMessage.Prepared(awaited.number(), ""));
        awaited.says(new WorkerMessage.Switched(awaited.number()));
        awaited.adopts();
        assertThat(test.slots().inForce()).isSameAs(config);
        replacement.serves();

        assertThat(replacement.config()).isSameAs(config);
        assertThat(test.workers().launched()).hasSize(3);
        assertThat(test.end().problems()).isEmpty();
    }

    @Test
    void waitsForAWorkerThatBecomesReadyMeanwhile() {
        test.start(2, 80);
        Fake first = test.workers().last(1).serves();
        Fake starting = test.workers().last();
        starting.isSilent();
        first.isSilent();
        HipacheConfig config = test.reload(2, 80);

        starting.serves();
        first.says(new WorkerMessage.Prepared(first.number(), ""));
        assertThat(first.wasTold(WorkerMessage.Switch.class)).isFalse();
        starting.says(new WorkerMessage.Prepared(starting.number(), ""));

        assertThat(first.wasTold(WorkerMessage.Switch.class)).isTrue();
        assertThat(starting.config()).isSameAs(config);
    }

    @Test
    void isCaughtUpWithByAWorkerThatBecomesReadyLater() {
        test.start(2, 80);
        test.workers().last(1).serves();
        Fake late = test.workers().last();
        HipacheConfig config = test.reload(2, 80);
        assertThat(late.wasTold(WorkerMessage.Prepare.class)).isFalse();
        assertThat(test.hasEnded()).isFalse();

        late.serves();

        assertThat(late.config()).isSameAs(config);
        assertThat(test.workers().launched()).hasSize(2);
        assertThat(test.end().problems()).isEmpty();
    }

    @Test
    void replacesALateWorkerThatRefuses() {
        test.start(2, 80);
        test.workers().last(1).serves();
        Fake late = test.workers().last();
        late.refuses("cannot read the certificate");
        HipacheConfig config = test.reload(2, 80);

        late.serves();
        Fake replacement = test.workers().last();
        assertThat(replacement).isNotSameAs(late);
        assertThat(replacement.config()).isSameAs(config);
        replacement.serves();

        assertThat(late.wasTold(WorkerMessage.Retire.class)).isTrue();
        assertThat(test.end().problems()).isEmpty();
    }

    @Test
    void replacesALateWorkerThatIsSilent() {
        test.start(2, 80);
        test.workers().last(1).serves();
        Fake late = test.workers().last();
        late.isSilent();
        test.reload(2, 80);
        late.serves();
        assertThat(test.workers().launched()).hasSize(2);

        test.scheduler().advance(Preparation.LIMIT);

        assertThat(test.workers().launched()).hasSize(3);
    }

    @Test
    void takesThePlaceOfWhatALateWorkerPrepares() {
        startTwo();
        Fake survivor = first();
        Fake late = second();
        survivor.isSilent();
        test.reload(2, 80);
        survivor.says(new WorkerMessage.Prepared(survivor.number(), ""));
        survivor.says(new WorkerMessage.Switched(survivor.number()));
        assertThat(late.config()).isSameAs(test.slots().inForce());
        int number = survivor.number();

        survivor.says(new WorkerMessage.Switched(number));
        HipacheConfig newest = test.reload(2, 80);
        survivor.says(new WorkerMessage.Prepared(number, ""));
        assertThat(test.slots().inForce()).isNotSameAs(newest);
        survivor.says(new WorkerMessage.Prepared(survivor.number(), ""));

        assertThat(test.slots().inForce()).isSameAs(newest);
    }

    @Test
    void isDiscardedByAStop() {
        HipacheConfig before = startTwo();
        second().isSilent();
        test.reload(2, 80);

        test.slots().stopAll(0, Duration.ofSeconds(8));

        assertUnchanged(before, "the program was told to stop");
        assertThat(first().wasTold(WorkerMessage.Discard.class)).isTrue();
    }

    @Test
    void givesNewAddressesToTheWorkersAndClosesThoseThatAreGone() {
        test.start(2, 81, 80);
        test.workers().last(1).serves();
        test.workers().last().serves();
        first().isSilent();

        test.reload(2, 80, 82);
        assertThat(test.workers().sockets()).hasSize(6);
        first().says(new WorkerMessage.Prepared(first().number(), ""));
        assertThat(test.workers().sockets()).hasSize(4).noneMatch(socket -> socket.port() == 81);
        assertThat(first().listenerOf(820)).isEqualTo(-1);
        first().says(new WorkerMessage.Switched(first().number()));

        assertThat(first().listenerOf(820)).isEqualTo(1);
        assertThat(second().listenerOf(821)).isEqualTo(1);
        assertThat(test.hasEnded()).isFalse();
        first().adopts();
        second().adopts();
        assertThat(test.end().problems()).isEmpty();
    }

    @Test
    void startsOnlyTheWorkersThatAreMissing() {
        test.start(1, 80);
        Fake only = test.workers().last().serves();

        HipacheConfig config = test.reload(3, 80);
        assertThat(test.workers().launched()).hasSize(3);
        assertThat(test.workers().last().config()).isSameAs(config);
        only.adopts();
        test.workers().last(1).serves();
        test.workers().last().serves();

        assertThat(test.end().replaced()).isZero();
        assertThat(test.workers().served()).containsExactly(800, 801, 802);
        assertThat(only.holds()).containsExactly(800);
    }

    @Test
    void endsOnlyTheWorkersThatAreTooMany() {
        test.start(3, 80);
        test.workers().launched().forEach(Fake::serves);
        Fake stays = test.workers().last(2);

        test.reload(1, 80);
        stays.adopts();

        assertThat(stays.holds()).containsExactly(800, 801, 802);
        assertThat(test.workers().launched()).hasSize(3).allSatisfy(worker -> assertThat(
                        worker.wasTold(WorkerMessage.Retire.class))
                .isEqualTo(worker != stays));
        assertThat(test.end().problems()).isEmpty();
    }

    @Test
    void endsIncompleteWhenAFurtherWorkerCannotStart() {
        test.start(1, 80);
        test.workers().last().serves();
        HipacheConfig config = test.reload(2, 80);

        test.workers().last().says(new WorkerMessage.Failed("no memory"));
        test.workers().last().dies(1);

        assertThat(test.end().switched()).isTrue();
        assertThat(test.end().problems()).singleElement().asString().endsWith("died (no memory)");
        assertThat(test.workers().last(2).config()).isSameAs(config);
        assertThat(test.workers().launched()).hasSize(3);
    }

    @Test
    void isInForceAtOnceWhenNobodyServes() {
        test.start(1, 80);
        Fake starting = test.workers().last();

        HipacheConfig config = test.reload(1, 80);

        assertThat(starting.wasKilled()).isTrue();
        assertThat(test.workers().last().config()).isSameAs(config);
        test.workers().last().serves();
        assertThat(test.end().problems()).isEmpty();
    }

    private HipacheConfig startTwo() {
        test.start(2, 80);
        test.workers().last(1).serves();
        test.workers().last().serves();
        return test.slots().inForce();
    }

    private Fake first() {
        return test.workers().launched().get(0);
    }

    private Fake second() {
        return test.workers().launched().get(1);
    }

    private void assertUnchanged(HipacheConfig before, String problem) {
        assertThat(test.end().switched()).isFalse();
        assertThat(test.end().problems()).containsExactly(problem);
        assertThat(test.events()).doesNotContain("switched");
        assertThat(test.slots().inForce()).isSameAs(before);
        assertThat(test.slots().isPreparing()).isFalse();
        assertThat(test.workers().launched())
                .noneMatch(worker -> worker.wasTold(WorkerMessage.Switch.class))
                .noneMatch(worker -> worker.wasTold(WorkerMessage.Retire.class));
    }
}
