package io.hipache.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class HeadWriterTest {
    private final ByteBuf out = Unpooled.buffer();

    @Test
    void writesAField() {
        HeadWriter.field(out, "Name", "v\u00e9");
        HeadWriter.endLine(out);

        assertThat(written()).isEqualTo("Name: v\u00e9\r\n\r\n");
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "15, f", "16, 10", "65536, 10000", "2147483647, 7fffffff"})
    void writesTheSizeOfAChunk(int size, String text) {
        HeadWriter.chunkSize(out, size);

        assertThat(written()).isEqualTo(text + "\r\n");
    }

    @Test
    void writesTheLastChunk() {
        HeadWriter.lastChunk(out, Fields.NONE);

        assertThat(written()).isEqualTo("0\r\n\r\n");
    }

    @Test
    void writesTrailersAsTheyCame() {
        HeadWriter.lastChunk(out, Heads.fields("b: 1", "A:2", "b: 3"));

        assertThat(written()).isEqualTo("0\r\nb: 1\r\nA: 2\r\nb: 3\r\n\r\n");
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"OTHER_ORIGIN", "OTHER_FRAMING"})
    void leavesOutATrailerThatMeansSomethingInAHead(KnownField field) {
        HeadWriter.lastChunk(out, Heads.fields("a: 1", field.text().toUpperCase(Locale.ROOT) + ": 2", "b: 3"));

        assertThat(written()).isEqualTo("0\r\na: 1\r\nb: 3\r\n\r\n");
    }

    private String written() {
        return out.toString(StandardCharsets.ISO_8859_1);
    }
}
