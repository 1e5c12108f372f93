package io.hipache.supervisor.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.link.WorkerMessage;
import io.hipache.supervisor.common.SupervisorThread;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class TicketKeyRingTest {

    @Test
    void newKeysComeFirstAndOldOnesStayForAWhile() {
        List<ByteBuffer> told = new CopyOnWriteArrayList<>();
        TicketKeyRing ring = new TicketKeyRing();
        ByteBuffer first = keys(ring.message());

        try (SupervisorThread thread = new SupervisorThread(bug -> {})) {
            ring.rotateEvery(Duration.ofMillis(10), thread, message -> told.add(keys(message)));
            await().until(() -> told.size() >= 3);
        }

        assertThat(first.remaining()).isEqualTo(48);
        assertThat(told.get(0).slice(48, 48))
                .isEqualTo(first)
                .isNotEqualTo(told.get(0).slice(0, 48));
        assertThat(told.get(1).slice(48, 96)).isEqualTo(told.get(0));
        assertThat(told.get(2).remaining()).isEqualTo(3 * 48);
        assertThat(told.get(2).slice(48, 96)).isEqualTo(told.get(1).slice(0, 96));
    }

    @Test
    void keysAreDifferentEachTimeAndNeverShown() {
        WorkerMessage message = new TicketKeyRing().message();

        assertThat(message).isNotEqualTo(new TicketKeyRing().message()).hasToString("TicketKeys");
    }

    @Test
    void goesOnWithTheKeysOfAnother() {
        TicketKeyRing ring = new TicketKeyRing();

        TicketKeyRing next = new TicketKeyRing(ring.message());

        assertThat(next.message()).isEqualTo(ring.message());
    }

    @Test
    void hasAKeyOfItsOwnWhenItIsGivenNone() {
        TicketKeyRing ring = new TicketKeyRing(new WorkerMessage.TicketKeys(ByteBuffer.allocate(47)));

        assertThat(keys(ring.message()).remaining()).isEqualTo(48);
    }

    private static ByteBuffer keys(WorkerMessage message) {
        return ((WorkerMessage.TicketKeys) message).keys();
    }
}
