package io.hipache.supervisor.slots;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.config.HipacheConfig;
import io.hipache.link.WorkerMessage;
import io.hipache.supervisor.slots.FakeWorkers.Fake;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a reload does to the slots, their workers and the listening sockets. */
class RenewalTest {
    private final RunningSlots test = new RunningSlots();

    @Test
    void renewsOneWorkerAfterTheOtherAndSaysWhenAllAre() {
        test.start(2, 80);
        Fake first = test.workers().last(1).serves();
        Fake second = test.workers().last().serves();

        HipacheConfig renewed = test.reload(2, 80);
        assertThat(test.workers().alive()).hasSize(3);
        test.workers().last().serves();
        assertThat(first.wasTold(WorkerMessage.Retire.class)).isTrue();
        assertThat(second.wasTold(WorkerMessage.Retire.class)).isFalse();
        test.workers().last().serves();

        assertThat(second.wasTold(WorkerMessage.Retire.class)).isTrue();
        assertThat(test.events()).containsExactly("served", "reloading", "reloaded");
        assertThat(List.of(test.workers().last(1), test.workers().last()))
                .allSatisfy(worker -> assertThat(worker.config()).isSameAs(renewed));
        assertThat(test.workers().launched()).hasSize(4);
    }

    @Test
    void hasNewListenersServedByTheFirstWorkerThatKnowsThem() {
        test.start(2, 80);
        test.workers().last(1).serves();
        Fake old = test.workers().last().serves();

        test.reload(2, 80, 81);
        Fake first = test.workers().last().serves();

        assertThat(first.holds()).containsExactly(800, 810, 811);
        assertThat(old.holds()).containsExactly(801);
        test.workers().last().serves();
        assertThat(first.holds()).containsExactly(800, 810);
        assertThat(test.workers().last().holds()).containsExactly(801, 811);
    }

    @Test
    void closesARemovedListenerOnlyWhenTheLastWorkerThatServesItLeaves() {
        test.start(2, 80, 81);
        Fake first = test.workers().last(1).serves();
        Fake second = test.workers().last().serves();

        test.reload(2, 80);
        test.workers().last().serves();
        second.adopts();
        assertThat(second.holds()).contains(810, 811);
        assertThat(first.wasTold(WorkerMessage.Retire.class)).isTrue();
        assertThat(test.workers().sockets()).hasSize(4);
        test.workers().last().serves();

        assertThat(test.workers().sockets()).hasSize(2).noneMatch(socket -> socket.port() == 81);
        assertThat(second.holds()).containsExactly(810, 811);
        assertThat(second.wasTold(WorkerMessage.Retire.class)).isTrue();
    }

    @Test
    void growsAndShrinksWithoutLosingASet() {
        test.start(1, 80);
        test.workers().last().serves();

        test.reload(3, 80);
        test.workers().alive().forEach(Fake::serves);
        test.workers().last().serves();
        assertThat(test.events()).endsWith("reloaded");
        assertThat(test.workers().served()).containsExactly(800, 801, 802);
        test.reload(1, 80);
        Fake only = test.workers().last().serves();
        only.adopts();

        assertThat(only.holds()).containsExactly(800, 801, 802);
        assertThat(test.workers().alive().stream().filter(worker -> !worker.wasTold(WorkerMessage.Retire.class)))
                .containsExactly(only);
        assertThat(test.events()).endsWith("reloading", "reloaded");
    }

    @Test
    void goesBackWhenNoWorkerStartsWithTheNewConfiguration() {
        test.start(2, 80);
        Fake first = test.workers().last(1).serves();
        Fake second = test.workers().last().serves();
        test.reload(3, 80, 81);
        test.workers().last().says(new WorkerMessage.Failed("cannot read the certificate"));
        test.workers().last().dies(1);
        first.adopts();

        test.workers().alive().stream()
                .filter(worker -> worker != first && worker != second)
                .forEach(worker -> assertThat(worker.wasKilled()).isTrue());
        assertThat(first.holds()).containsExactly(800, 802);
        assertThat(second.holds()).containsExactly(801);
        assertThat(first.wasTold(WorkerMessage.Retire.class)).isFalse();
        assertThat(test.workers().sockets()).noneMatch(socket -> socket.port() == 81);
        assertThat(test.events()).endsWith("reloaded");
        assertThat(test.code()).isNull();
    }

    @Test
    void dropsAReloadForANewerOne() {
        test.start(1, 80);
        Fake old = test.workers().last().serves();

        test.reload(1, 80);
        Fake overtaken = test.workers().last();
        HipacheConfig newest = test.reload(1, 80);
        assertThat(overtaken.wasKilled()).isTrue();
        overtaken.says(new WorkerMessage.Ready());
        assertThat(old.wasTold(WorkerMessage.Retire.class)).isFalse();
        test.workers().last().serves();

        assertThat(test.workers().last().config()).isSameAs(newest);
        assertThat(old.wasTold(WorkerMessage.Retire.class)).isTrue();
        assertThat(test.workers().launched()).hasSize(3);
        assertThat(test.events()).containsOnlyOnce("reloaded");
    }

    // stop
}
