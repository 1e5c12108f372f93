package io.hipache.proxy.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hipache.admission.Admission;
import io.hipache.admission.AdmissionLimits;
import io.hipache.http.BodyEnd;
import io.hipache.http.Framing;
import io.hipache.net.ReadGate;
import io.hipache.upstream.InMemoryChannel;
import io.hipache.upstream.RequestSink;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RequestBodyTest {
    private static final Framing LENGTH = new Framing(Framing.Kind.LENGTH, 1 << 20);

    private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false);
    private final ReadGate gate = new ReadGate(new InMemoryChannel(memory));
    private final Admission admission = new Admission(AdmissionLimits.NONE);
    private final RequestBody body = new RequestBody(gate, LENGTH, admission);
    private final Sink first = new Sink();
    private final Sink second = new Sink();

    @AfterEach
    void leavesNoBufferBehind() {
        body.release();
        assertThat(memory.metric().usedHeapMemory()).isZero();
        assertThat(gate.isOpen()).isTrue();
        assertThat(admission.bodyBytes()).isZero();
    }

    @Test
    void isCompleteFromTheStartWhenItIsEmpty() {
        RequestBody empty = new RequestBody(gate, new Framing(Framing.Kind.NONE, 0), admission);

        empty.attach(first);

        assertThat(empty.isComplete()).isTrue();
        assertThat(first.received).hasToString("<end>");
    }

    @Test
    void waitsUntilSomebodyTakesIt() {
        body.add(bytes("ab"));
        body.add(bytes("cd"));

        body.attach(first);
        body.add(bytes("ef"));
        body.finish(BodyEnd.PLAIN);

        assertThat(first.received).hasToString("abcdef<end>");
        assertThat(body.isComplete()).isTrue();
    }

    @Test
    void startsOverForTheNextAttempt() {
        body.add(bytes("ab"));
        body.attach(first);
        body.add(bytes("cd"));
        body.detach();
        body.add(bytes("ef"));
        body.finish(BodyEnd.PLAIN);

        body.attach(second);

        assertThat(first.received).hasToString("abcd");
        assertThat(second.received).hasToString("abcdef<end>");
    }

    @Test
    void isKeptUpToItsLimit() {
        body.attach(first);

        body.add(zeros(RequestBody.LONGEST_REPLAY));
        assertThat(body.isReplayable()).isTrue();
        body.add(zeros(1));

        assertThat(body.isReplayable()).isFalse();
        assertThat(memory.metric().usedHeapMemory()).isZero();
        assertThat(first.bytes).isEqualTo(RequestBody.LONGEST_REPLAY + 1);
        assertThatThrownBy(() -> body.attach(second)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void isNotKeptWhereTheWorkerKeepsEnoughAlready() {
        Admission full = new Admission(new AdmissionLimits(1, 1, 1, 1, 4, 1));
        RequestBody other = new RequestBody(gate, LENGTH, full);
        other.attach(first);

        other.add(bytes("body"));

        assertThat(first.received).hasToString("body");
        assertThat(other.isReplayable()).isFalse();
        assertThat(full.bodyBytes()).isZero();
    }

    @Test
    void holdsTheClientBackWhereTheWorkerKeepsEnoughAlready() {
        RequestBody other = new RequestBody(gate, LENGTH, new Admission(new AdmissionLimits(1, 1, 1, 1, 4, 1)));
        other.add(bytes("body"));
        assertThat(gate.isOpen()).isFalse();

        other.attach(first);

        assertThat(gate.isOpen()).isTrue();
        assertThat(first.received).hasToString("body");
        other.release();
    }

    @Test
    void takesAboutAsMuchMemoryAsItIsLong() {
        body.attach(first);

        for (int i = 0; i < 100; i++) {
            body.add(memory.heapBuffer(16 * 1024).writeByte('a'));
        }
        body.detach();
        body.attach(second);

        assertThat(second.received).hasToString("a".repeat(100));
        assertThat(memory.metric().usedHeapMemory()).isLessThan(16 * 1024);
    }

    @Test
    void holdsTheClientBackWhileNobodyTakesMuch() {
        body.add(zeros(RequestBody.LONGEST_REPLAY - 1));
        assertThat(gate.isOpen()).isTrue();
        body.add(zeros(1));
        assertThat(gate.isOpen()).isFalse();

        body.attach(first);

        assertThat(gate.isOpen()).isTrue();
        assertThat(first.bytes).isEqualTo(RequestBody.LONGEST_REPLAY);
    }

    @Test
    void sendsAllOfItWhereMoreThanTheLimitCameBeforeTheFirstAttempt() {
        body.add(zeros(3 * RequestBody.LONGEST_REPLAY));
        assertThat(body.isReplayable()).isTrue();

        body.attach(first);

        assertThat(first.bytes).isEqualTo(3 * RequestBody.LONGEST_REPLAY);
        assertThat(body.isReplayable()).isFalse();
    }

    @Test
    void goesOnWithoutBeingKeptOnceAResponseHasBegun() {
        body.attach(first);
        body.add(bytes("ab"));

        body.stopKeeping();
        body.add(bytes("cd"));

        assertThat(first.received).hasToString("abcd");
        assertThat(body.isReplayable()).isFalse();
        assertThat(memory.metric().usedHeapMemory()).isZero();
    }

    @Test
    void isThrownAwayOnceTheExchangeIsOver() {
        body.attach(first);
        body.add(bytes("ab"));

        body.release();
        body.add(bytes("cd"));

        assertThat(first.received).hasToString("ab");
        assertThat(memory.metric().usedHeapMemory()).isZero();
    }

    private ByteBuf bytes(String text) {
        ByteBuf bytes = memory.heapBuffer();
        bytes.writeCharSequence(text, StandardCharsets.US_ASCII);
        return bytes;
    }

    private ByteBuf zeros(int count) {
        return memory.heapBuffer(count).writeZero(count);
    }

    private static final class Sink implements RequestSink {
        private final StringBuilder received = new StringBuilder();
        private int bytes;

        @Override
        public void body(ByteBuf more) {
            bytes += more.readableBytes();
            received.append(more.toString(StandardCharsets.US_ASCII));
            more.release();
        }

        @Override
        public void flush() {}

        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void bodyEnd(BodyEnd end) {
            received.append("<end>");
        }
    }
}
