package io.hipache.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChunksTest {
    private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false);

    @Test
    void framesBytesWithTheirLengthInHexadecimal() {
        ByteBuf written = Unpooled.buffer();

        Chunks.write(
                Unpooled.copiedBuffer("twenty-six bytes long text", StandardCharsets.US_ASCII),
                Unpooled.buffer(),
                written::writeBytes);

        assertThat(written.toString(StandardCharsets.US_ASCII)).isEqualTo("1a\r\ntwenty-six bytes long text\r\n");
    }

    @Test
    void makesOneBufferOfASmallChunk() {
        List<ByteBuf> written = new ArrayList<>();
        ByteBuf bytes = memory.buffer().writeZero(5);

        Chunks.write(bytes, memory.buffer(Chunks.room(bytes), Chunks.room(bytes)), written::add);

        assertThat(written).extracting(ByteBuf::readableBytes).containsExactly(3 + 5 + 2);
        written.forEach(ByteBuf::release);
        assertThat(memory.metric().usedHeapMemory()).isZero();
    }

    @Test
    void canBeWrittenAndReleasedAgainAndAgain() {
        for (int i = 0; i < 3; i++) {
            List<ByteBuf> written = new ArrayList<>();
            Chunks.write(memory.buffer().writeZero(5000), memory.buffer(), written::add);
            assertThat(written).extracting(ByteBuf::readableBytes).containsExactly(6, 5000, 2);
            written.forEach(each -> each.skipBytes(each.readableBytes()).release());
        }

        assertThat(memory.metric().usedHeapMemory()).isZero();
    }
}
