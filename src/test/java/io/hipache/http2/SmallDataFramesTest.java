package io.hipache.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2FrameReader;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SmallDataFramesTest {
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int CONTINUATION = 9;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int PADDED = 8;
    private static final String TO_SLASH = "\u0082\u0087\u0084";

    private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false);
    private final ChannelInboundHandlerAdapter handler = new ChannelInboundHandlerAdapter();
    private final EmbeddedChannel channel = new EmbeddedChannel();

    SmallDataFramesTest() {
        channel.config().setAllocator(memory);
        channel.pipeline().addLast(handler);
    }

    @AfterEach
    void leavesNoBufferBehind() {
        channel.close();
        assertThat(memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory())
                .isZero();
    }

    @Test
    void joinsSmallFramesOfOneStream() throws Exception {
        String frames = data(1, "a").repeat(1000) + data(3, "b") + data(1, "c") + frame(PING, 0, 0, "12345678");

        assertThat(read(joining(), List.of(bytes(frames))))
                .containsExactly("data 1 " + "a".repeat(1000), "data 3 b", "data 1 c", "ping");
    }

    /** Every cut into two pieces, and into single bytes. */
    @ParameterizedTest
    @MethodSource
    void readsWhatNettyWouldRead(String frames) throws Exception {
        List<String> expected = withJoinedData(read(netty(), List.of(bytes(frames))));
        byte[] all = bytes(frames);

        List<byte[]> single = new ArrayList<>();
        for (int cut = 0; cut < all.length; cut++) {
            List<byte[]> two = List.of(ByteBufUtil.getBytes(Unpooled.wrappedBuffer(all, 0, cut)), after(all, cut));
            assertThat(withJoinedData(read(joining(), two)))
                    .as("cut at %d", cut)
                    .isEqualTo(expected);
            single.add(new byte[] {all[cut]});
        }
        assertThat(withJoinedData(read(joining(), single))).isEqualTo(expected);
    }

    static Stream<String> readsWhatNettyWouldRead() {
        String head = frame(HEADERS, END_HEADERS, 5, TO_SLASH);
        return Stream.of(
                data(1, "ab") + data(1, "c") + data(1, ""),
                data(1, "a") + frame(DATA, END_STREAM, 1, "b"),
                data(1, "a") + frame(DATA, PADDED, 1, "\1b\0") + data(1, "c"),
                data(1, "a") + data(1, "b".repeat(1100)) + data(1, "c"),
                data(1, "a") + head + data(3, "b") + data(3, "c") + frame(SETTINGS, 0, 0, "") + data(1, "d"),
                head.repeat(3) + data(1, "a"),
                // not on open streams
                data(7, "a") + data(7, "b") + data(1, "c"),
                data(0, "a") + data(1, "b"),
                // in a header block
                frame(HEADERS, 0, 5, TO_SLASH.substring(0, 1)) + data(1, "a"),
                frame(HEADERS, 0, 5, TO_SLASH.substring(0, 1))
                        + frame(CONTINUATION, END_HEADERS, 5, TO_SLASH.substring(1))
                        + data(1, "a")
                        + data(1, "b"),
                // refused
                data(1, "a") + frame(PING, 0, 0, "1") + data(1, "b"),
                data(1, "a") + frame(PING, 0, 1, "12345678") + data(1, "b"));
    }

    private Http2FrameReader netty() {
        return new DefaultHttp2FrameReader();
    }

    private Http2FrameReader joining() throws Http2Exception {
        Http2Connection connection = new DefaultHttp2Connection(true);
        connection.remote().createStream(1, false);
        connection.remote().createStream(3, false);
        return new SmallDataFrames(netty(), connection);
    }

    /** One line for each call, until one fails. */
    private List<String> read(Http2FrameReader reader, List<byte[]> pieces) {
        List<String> calls = new ArrayList<>();
        ByteBuf in = memory.buffer();
        ChannelHandlerContext ctx = channel.pipeline().context(handler);
        try {
            for (byte[] piece : pieces) {
                in.writeBytes(piece);
                reader.readFrame(ctx, in, new Calls(calls));
            }
        } catch (Http2Exception refused) {
            calls.add(refused.error().toString());
        } finally {
            reader.close();
            in.release();
        }
        return calls;
    }

    private static List<String> withJoinedData(List<String> calls) {
        List<String> joined = new ArrayList<>();
        for (String call : calls) {
            int last = joined.size() - 1;
            String stream = call.startsWith("data ") ? call.substring(0, "data 1 ".length()) : "none";
            if (last >= 0
                    && joined.get(last).startsWith(stream)
                    && !joined.get(last).endsWith(" end")) {
                joined.set(last, joined.get(last) + call.substring(stream.length()));
            } else {
                joined.add(call);
            }
        }
        return joined;
    }

    private static byte[] after(byte[] all, int cut) {
        return ByteBufUtil.getBytes(Unpooled.wrappedBuffer(all, cut, all.length - cut));
    }

    private static String data(int stream, String payload) {
        return frame(DATA, 0, stream, payload);
    }

    private static String frame(int type, int flags, int stream, String payload) {
        return "\0" + (char) (payload.length() >> 8) + (char) (payload.length() & 255) + (char) type + (char) flags
                + "\0\0\0" + (char) stream + payload;
    }

    private static byte[] bytes(String frames) {
        return frames.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static final class Calls extends Http2FrameAdapter {
        private final List<String> calls;

        Calls(List<String> calls) {
            this.calls = calls;
        }

        @Override
        public int onDataRead(ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean end) {
            calls.add("data " + streamId + " " + data.toString(StandardCharsets.ISO_8859_1) + (end ? " end" : ""));
            return data.readableBytes() + padding;
        }

        @Override
        public void onHeadersRead(
                ChannelHandlerContext ctx, int streamId, Http2Headers headers, int padding, boolean end) {
            calls.add("headers " + streamId + " " + headers.path());
        }

        @Override
        public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings) {
            calls.add("settings");
        }

        @Override
        public void onPingRead(ChannelHandlerContext ctx, long data) {
            calls.add("ping");
        }
    }
}
