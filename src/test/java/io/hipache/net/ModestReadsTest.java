package io.hipache.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

class ModestReadsTest {
    private int most = Integer.MAX_VALUE;

    @SuppressWarnings("deprecation") // Netty asks for this type
    private final RecvByteBufAllocator.Handle handle = new ModestReads(() -> most).newHandle();

    @Test
    void readsAsMuchAsComesWhileThereIsMemory() {
        for (int i = 0; i < 20; i++) {
            read();
        }

        assertThat(read()).isEqualTo(64 * 1024);
    }

    @Test
    void readsLittleWhileMemoryIsScarceAndMuchAfterwards() {
        for (int i = 0; i < 20; i++) {
            read();
        }
        most = 2 * 1024;
        assertThat(read()).isEqualTo(2 * 1024);
        assertThat(read()).isEqualTo(2 * 1024);

        most = Integer.MAX_VALUE;

        assertThat(read()).isGreaterThan(2 * 1024);
    }

    /** Fills a whole buffer. */
    private int read() {
        handle.reset(new EmbeddedChannel().config());
        ByteBuf bytes = handle.allocate(UnpooledByteBufAllocator.DEFAULT);
        int room = bytes.writableBytes();
        handle.attemptedBytesRead(room);
        handle.lastBytesRead(room);
        handle.readComplete();
        bytes.release();
        return room;
    }
}
