package io.hipache.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.List;

/** An embedded connection with one decoder. Every byte that it allocates is counted and must be released at the end. */
final class Line implements AutoCloseable {
    /**
     * When the test asks for the next request: from within the decoder, between reads, or when all bytes have arrived.
     */
    enum Next {
        AT_ONCE,
        AFTER_EACH_READ,
        AT_THE_END
    }

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
    private final Transcript transcript;
    private final EmbeddedChannel channel;

    Line(ChannelHandler decoder, Runnable whenComplete) {
        transcript = new Transcript(whenComplete);
        channel = new EmbeddedChannel();
        channel.config().setAllocator(allocator);
        channel.pipeline().addLast(decoder, transcript);
    }

    static List<String> requests(Next next, List<byte[]> pieces) {
        RequestDecoder decoder = new RequestDecoder();
        boolean[] complete = {false};
        Runnable whenComplete = next == Next.AT_ONCE ? decoder::next : () -> complete[0] = true;
        Runnable goOn = () -> {
            while (complete[0]) {
                complete[0] = false;
                decoder.next();
            }
        };
        try (Line line = new Line(decoder, whenComplete)) {
            for (byte[] piece : pieces) {
                line.receive(piece);
                if (next == Next.AFTER_EACH_READ) {
                    goOn.run();
                }
            }
            goOn.run();
            return line.lines();
        }
    }

    /** @param toHead whether the request was a HEAD */
    static List<String> response(boolean toHead, List<byte[]> pieces) {
        ResponseDecoder decoder = new ResponseDecoder();
        decoder.expect(toHead);
        try (Line line = new Line(decoder, () -> {})) {
            pieces.forEach(line::receive);
            return line.lines();
        }
    }

    void receive(byte[] piece) {
        ByteBuf bytes = allocator.heapBuffer(piece.length).writeBytes(piece);
        channel.writeInbound(bytes);
        channel.checkException();
    }

    void receive(String latin1) {
        receive(Pieces.bytes(latin1));
    }

    EmbeddedChannel channel() {
        return channel;
    }

    long allocated() {
        return allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory();
    }

    /** The messages that the decoder passed on since the last call. */
    List<String> lines() {
        return transcript.lines();
    }

    @Override
    public void close() {
        channel.finish();
        assertThat(transcript.lines())
                .as("passed on at the end of the connection")
                .isEmpty();
        assertThat(allocated()).as("bytes not released").isZero();
    }
}
