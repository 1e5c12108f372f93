package io.hipache.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.http.BodyEnd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StreamInboxTest {
    private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false);
    private final List<String> got = new ArrayList<>();
    private int consumed;
    private final StreamInbox inbox = new StreamInbox(bytes -> consumed += bytes);
    private boolean shutAfterEach;
    private int largest;

    StreamInboxTest() {
        inbox.deliverTo(new Reader());
    }

    @AfterEach
    void leavesNoBufferBehind() {
        inbox.discard();
        assertThat(memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory())
                .isZero();
    }

    @Test
    void passesOnWhatComes() {
        assertThat(add("a")).isTrue();
        assertThat(add("b")).isTrue();
        inbox.end();

        assertThat(got).containsExactly("a", "b", "end");
    }

    @Test
    void keepsWhatComesWhileItIsShutAndTellsWhenThatIsConsumed() {
        inbox.read(false);
        assertThat(add("ab")).isFalse();
        assertThat(add("c")).isFalse();
        inbox.end();
        assertThat(got).isEmpty();
        assertThat(consumed).isZero();

        inbox.read(true);

        assertThat(got).containsExactly("ab", "c", "end", "complete");
        assertThat(consumed).isEqualTo(3);
    }

    @Test
    void stopsWhereItsReaderHasHadEnough() {
        inbox.read(false);
        add("ab");
        add("c");
        shutAfterEach = true;

        inbox.read(true);

        assertThat(got).containsExactly("ab", "complete");
        assertThat(consumed).isEqualTo(2);
    }

    @Test
    void keepsTheOrderWhereMoreComesThanIsTaken() {
        inbox.read(false);
        add("a");
        add("b");
        shutAfterEach = true;
        inbox.read(true);
        add("c");
        inbox.end();

        inbox.read(true);
        inbox.read(true);

        assertThat(got).containsExactly("a", "complete", "bc", "end", "complete");
    }

    @Test
    void tellsTheEndThatCameWhileItWasShutAlsoWhereNoBytesWait() {
        add("ab");
        inbox.read(false);
        inbox.end();
        assertThat(got).containsExactly("ab");

        inbox.read(true);

        assertThat(got).containsExactly("ab", "end", "complete");
    }

    @Test
    void takesAboutAsMuchMemoryAsWaits() {
        inbox.read(false);

        for (int i = 0; i < 1000; i++) {
            inbox.add(memory.heapBuffer(16 * 1024).writeByte('a'));
        }

        assertThat(memory.metric().usedHeapMemory()).isLessThan(16 * 1024);
        inbox.read(true);
        assertThat(String.join("", got)).isEqualTo("a".repeat(1000) + "complete");
        assertThat(consumed).isEqualTo(1000);
    }

    @Test
    void whatItPassesOnHoldsNoMoreThanItself() {
        inbox.add(memory.heapBuffer(16 * 1024).writeByte('a'));

        assertThat(largest).isEqualTo(1);
    }

    @Test
    void throwsEverythingAwayWhenNobodyWantsIt() {
        inbox.read(false);
        add("waits");

        inbox.discard();
        assertThat(add("comes")).isTrue();
        inbox.end();
        inbox.read(true);

        assertThat(got).isEmpty();
        assertThat(consumed).isEqualTo("waits".length());
    }

    private boolean add(String text) {
        return inbox.add(memory.buffer(16).writeBytes(text.getBytes(StandardCharsets.US_ASCII)));
    }

    /** Writes down the calls that it gets. */
    private final class Reader implements StreamListener {
        @Override
        public void begin() {
            throw new AssertionError("an inbox does not begin");
        }

        @Override
        public void body(ByteBuf bytes) {
            got.add(bytes.toString(StandardCharsets.US_ASCII));
            largest = Math.max(largest, bytes.capacity());
            bytes.release();
            if (shutAfterEach) {
                inbox.read(false);
            }
        }

        @Override
        public void bodyEnd(BodyEnd end) {
            got.add("end");
        }

        @Override
        public void readComplete() {
            got.add("complete");
        }

        @Override
        public void writabilityChanged() {
            throw new AssertionError("nothing is written here");
        }

        @Override
        public void malformed() {
            throw new AssertionError("nothing here is malformed");
        }

        @Override
        public void closed() {
            throw new AssertionError("an inbox does not close");
        }
    }
}
