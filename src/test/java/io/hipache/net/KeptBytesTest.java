package io.hipache.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeptBytesTest {
    private static final int RECORD = 16 * 1024;

    private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false);
    private final KeptBytes kept = new KeptBytes();

    @AfterEach
    void leavesNoBufferBehind() {
        kept.clear();
        assertThat(memory.metric().usedHeapMemory()).isZero();
    }

    @Test
    void keepsTheOrderOfPiecesOfAllSizes() {
        Random random = new Random(1);
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            String piece = (i + ",").repeat(1 + random.nextInt(1 << random.nextInt(14)));
            all.append(piece);
            kept.add(record(piece));
        }
        assertThat(kept.length()).isEqualTo(all.length());

        String taken = takeAll();

        assertThat(taken).isEqualTo(all.toString());
        assertThat(kept.length()).isZero();
    }

    @Test
    void takesNoMoreThanAPieceIsLongWhereThereIsOne() {
        kept.add(record("small"));

        assertThat(memory.metric().usedHeapMemory()).isEqualTo("small".length());
    }

    @Test
    void takesNoMoreThanAFewTimesItsLength() {
        for (int i = 0; i < 8; i++) {
            kept.add(record("small"));
            kept.add(record("x".repeat(RECORD / 2)));
        }

        assertThat(memory.metric().usedHeapMemory()).isLessThan(4L * kept.length());
    }

    @Test
    void whatWasShownStaysAsItWas() {
        kept.add(record("a"));
        kept.add(record("b"));
        StringBuilder shown = new StringBuilder();
        ByteBuf[] last = new ByteBuf[1];
        kept.forEach(piece -> last[0] = piece.duplicate());

        kept.add(record("c"));

        assertThat(last[0].toString(StandardCharsets.US_ASCII)).isEqualTo("b");
        kept.forEach(piece -> shown.append(piece.toString(StandardCharsets.US_ASCII)));
        assertThat(shown).hasToString("abc");
    }

    @Test
    void beginsAnewWhenAllIsTaken() {
        kept.add(record("a"));
        kept.add(record("b"));
        takeAll();

        kept.add(record("c"));

        assertThat(takeAll()).isEqualTo("c");
    }

    private String takeAll() {
        StringBuilder taken = new StringBuilder();
        while (!kept.isEmpty()) {
            ByteBuf piece = kept.remove();
            taken.append(piece.toString(StandardCharsets.US_ASCII));
            piece.release();
        }
        return taken.toString();
    }

    /** A buffer with more capacity than bytes, as TLS delivers it. */
    private ByteBuf record(String text) {
        return memory.heapBuffer(Math.max(RECORD, text.length())).writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }
}
