package io.hipache.http;

import static io.hipache.http.Message.row;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What chunks may look like. The bytes of every row arrive in every way that {@link Pieces} knows. */
class ChunkedBodyTest {

    @ParameterizedTest
    @MethodSource
    void takes(Message message) {
        assertEveryWay(message);
    }

    static Stream<Message> takes() {
        return Stream.of(
                row("the last chunk alone", "0\r\n\r\n", "end", "left 0"),
                row("two chunks", "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde", "end", "left 0"),
                row(
                        "capital and small digits",
                        "a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n",
                        "01234567890123456789a",
                        "end",
                        "left 0"),
                row("leading zeros", "0001\r\na\r\n000\r\n\r\n", "a", "end", "left 0"),
                row("15 digits", "000000000000001\r\na\r\n000000000000000\r\n\r\n", "a", "end", "left 0"),
                row(
                        "small chunks of all forms",
                        "1\r\na\r\n02\r\nbc\r\n".repeat(3) + "1;x\r\nd\r\n1\r\ne\r\n003\r\nfgh\r\n1\r\ni\r\n0\r\n\r\n",
                        "abcabcabcdefghi",
                        "end",
                        "left 0"),
                row("line ends as data", "4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n", "end", "left 0"),
                row("the last chunk as data", "5\r\n0\r\n\r\n\r\n0\r\n\r\n", "0\r\n\r\n", "end", "left 0"),
                row("white space behind a size", "1 \t \r\na\r\n0  \r\n\r\n", "a", "end", "left 0"),
                row("extensions", "1;a=b;c=\"d;e\"\r\na\r\n0;f\r\n\r\n", "a", "end", "left 0"),
                row("white space around an extension", "1 ; a = b \r\na\r\n0\r\n\r\n", "a", "end", "left 0"),
                row("an extension that is empty", "1;\r\na\r\n0;\r\n\r\n", "a", "end", "left 0"),
                row("an extension with bytes above 127", "1;\u00e9\r\na\r\n0\r\n\r\n", "a", "end", "left 0"),
                row("trailers", "0\r\nA: b\r\nC:\r\n\r\n", "end {A: b} {C: }", "left 0"),
                row("what follows it stays", "1\r\na\r\n0\r\n\r\n\r\nGET", "a", "end", "left 5"),
                row("what follows trailers stays", "0\r\nA: b\r\n\r\n0\r\n", "end {A: b}", "left 3"),
                row("a large chunk that has only begun", "7fffffffffffffe\r\nabc", "abc"),
                row("half a size", "1"),
                row("half a line end", "1\r\na\r", "a"),
                row("half the last line", "0\r\n\r"));
    }

    @ParameterizedTest
    @MethodSource
    void refuses(Message message) {
        assertEveryWay(message);
    }

    static Stream<Message> refuses() {
        return Stream.of(
                row("no size", "\r\nabc", "400 malformed chunk size"),
                row("an extension without a size", ";a\r\nabc", "400 malformed chunk size"),
                row("white space before a size", " 1\r\na\r\n", "400 malformed chunk size"),
                row("a sign", "+1\r\na\r\n", "400 malformed chunk size"),
                row("a negative size", "-1\r\na\r\n", "400 malformed chunk size"),
                row("0x", "0x1\r\na\r\n", "400 malformed chunk size"),
                row("a letter that is no digit", "1g\r\na\r\n", "400 malformed chunk size"),
                row("an underscore", "1_0\r\na\r\n", "400 malformed chunk size"),
                row("two sizes", "1 1\r\na\r\n", "400 malformed chunk size"),
                row("16 digits", "0000000000000001\r\na\r\n", "400 malformed chunk size"),
                row("a size that overflows", "10000000000000001\r\na\r\n", "400 malformed chunk size"),
                row("digits of another script", "\u00b2\r\nab\r\n", "400 malformed chunk size"),
                row("a bare line feed behind a size", "1\na\r\n0\r\n\r\n", "400 malformed chunk size"),
                row("a bare line feed behind an extension", "1;a\na\r\n0\r\n\r\n", "400 malformed chunk size"),
                row("a bare line feed in an extension", "1;a=\"\n\"\r\na\r\n", "400 malformed chunk size"),
                row("a bare CR behind a size", "1\ra\r\n0\r\n\r\n", "400 malformed chunk size"),
                row("a bare CR in an extension", "1;a\rb\r\na\r\n", "400 malformed chunk extension"),
                row("two CR", "1\r\r\na\r\n", "400 malformed chunk size"),
                row("a NUL behind a size", "1\0\r\na\r\n", "400 malformed chunk size"),
                row("a NUL in an extension", "1;\0\r\na\r\n", "400 malformed chunk extension"),
                row("data longer than its size", "1\r\nab\r\n0\r\n\r\n", "a", "400 malformed chunk"),
                row("data shorter than its size", "3\r\na\r\n0\r\n\r\n", "a\r\n", "400 malformed chunk"),
                row("a bare line feed behind data", "1\r\na\n0\r\n\r\n", "a", "400 malformed chunk"),
                row("a bare CR behind data", "1\r\na\r0\r\n\r\n", "a", "400 malformed chunk"),
                row("another byte and a line feed behind data", "1\r\na;\n0\r\n\r\n", "a", "400 malformed chunk"),
                row("CR and another byte behind data", "1\r\na\r00\r\n\r\n", "a", "400 malformed chunk"),
                row("nothing behind data", "1\r\na0\r\n\r\n", "a", "400 malformed chunk"),
                row("a bare line feed at the end", "0\r\n\nGET", "400 malformed trailer section"),
                row("a bare line feed behind a trailer", "0\r\nA: b\n\r\n", "400 malformed trailer section"),
                row("a bare line feed behind trailers", "0\r\nA: b\r\n\n", "400 malformed trailer section"),
                row("a trailer without a colon", "0\r\nGET / HTTP/1.1\r\n\r\n", "400 malformed header field"),
                row("a trailer with a space before its colon", "0\r\nA : b\r\n\r\n", "400 malformed header field"),
                row("a folded trailer", "0\r\nA: b\r\n c\r\n\r\n", "400 malformed header field"),
                row("white space before the first trailer", "0\r\n A: b\r\n\r\n", "400 malformed header field"),
                row("a bare CR in a trailer", "0\r\nA: b\rc\r\n\r\n", "400 malformed header field"),
                row("a bare CR before the trailers", "0\r\n\rA: b\r\n\r\n", "400 malformed header field"));
    }

    /** Small chunks that came together are read by other code, up to what it leaves to be refused. */
    @ParameterizedTest
    @MethodSource("refuses")
    void refusesBehindSmallChunks(Message message) {
        List<String> decoded = message.decoded();
        String data = decoded.size() == 1 ? "" : decoded.get(0);
        String problem = decoded.get(decoded.size() - 1);

        assertEveryWay(row(
                message.toString(),
                "1\r\nx\r\n0a\r\n\r\n0\r\n\r\n123\r\n" + message.bytes(),
                "x\r\n0\r\n\r\n123" + data,
                problem));
    }

    @Test
    void handsOutSmallChunksThatCameTogetherAsOnePart() {
        UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false);
        ByteBuf in = memory.buffer();
        in.writeCharSequence("1\r\na\r\n".repeat(1000), StandardCharsets.US_ASCII);
        in.writeCharSequence("7d0\r\n" + "b".repeat(2000) + "\r\n1\r\nc\r\n0\r\n\r\n", StandardCharsets.US_ASCII);
        List<Object> out = new ArrayList<>();

        assertThat(new ChunkedBody(1000).read(in, out)).isTrue();

        assertThat(out).hasSize(4);
        assertThat(out.remove(3)).isEqualTo(BodyEnd.PLAIN);
        assertThat(data(out)).isEqualTo("a".repeat(1000) + "b".repeat(2000) + "c");
        in.release();
        assertThat(memory.metric().usedHeapMemory()).isZero();
    }

    private static void assertEveryWay(Message message) {
        for (List<byte[]> pieces : Pieces.everyWay(Pieces.bytes(message.bytes()))) {
            assertThat(read(pieces))
                    .as("%s, first piece of %d bytes", message, pieces.get(0).length)
                    .isEqualTo(message.decoded());
        }
    }

    /** The data in one line, then how the body ended and how many bytes are left behind it; or what is wrong. */
    private static List<String> read(List<byte[]> pieces) {
        ChunkedBody body = new ChunkedBody(1000);
        ByteBuf in = Unpooled.buffer();
        List<Object> out = new ArrayList<>();
        List<String> ending = new ArrayList<>();
        for (byte[] piece : pieces) {
            in.writeBytes(piece);
            try {
                if (ending.isEmpty() && body.read(in, out)) {
                    ending.add(Transcript.line(out.remove(out.size() - 1)));
                }
            } catch (MalformedMessage malformed) {
                ending.add(Transcript.line(malformed));
                in.skipBytes(in.readableBytes());
            }
        }
        if (!ending.isEmpty() && ending.get(0).startsWith("end")) {
            ending.add("left " + in.readableBytes());
        }
        String data = data(out);
        if (!data.isEmpty()) {
            ending.add(0, data);
        }
        in.release();
        assertThat(in.refCnt()).as("slices that were not released").isZero();
        return ending;
    }

    private static String data(List<Object> out) {
        StringBuilder data = new StringBuilder();
        for (Object part : out) {
            ByteBuf bytes = (ByteBuf) part;
            data.append(bytes.toString(StandardCharsets.ISO_8859_1));
            bytes.release();
        }
        return data.toString();
    }
}
