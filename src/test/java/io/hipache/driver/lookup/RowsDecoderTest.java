package io.hipache.driver.lookup;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.driver.lookup.RowsDecoder.Result;
import io.hipache.routing.Driver.Rows;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RowsDecoderTest {

    private final RowsDecoder decoder = new RowsDecoder();

    @Test
    void emptiesAnElementLongerThanAnyUrlAndKeepsItsIndex() {
        String longest = "x".repeat(RowsDecoder.MAX_ENTRY_BYTES);

        decoder.frontend("a", 3);
        decoder.entry(bytes(longest));
        decoder.entry(bytes(longest + "x"));
        decoder.entry(bytes("http://h"));
        decoder.finish(null);

        assertThat(decoder.results())
                .containsExactly(new Result(new Rows("a", List.of(longest, "", "http://h"), Set.of()), null));
    }

    @Test
    void keepsNoMoreDeadIndexesThanThereAreBackends() {
        decoder.frontend("a", 3);
        List.of("site", "http://a", "http://b").forEach(entry -> decoder.entry(bytes(entry)));
        for (int i = 0; i < 1_000; i++) {
            decoder.dead(bytes("" + i));
        }
        decoder.finish(null);

        assertThat(decoder.results().get(0).rows()).extracting(Rows::dead).isEqualTo(Set.of(0, 1));
    }

    @Test
    void startsEachLookupAfresh() {
        decoder.frontend("a", 2);
        decoder.entry(bytes("site"));
        decoder.entry(bytes("http://a"));
        decoder.dead(bytes("0"));
        decoder.finish(null);
        decoder.fail("b", "WRONGTYPE");
        decoder.finish(null);

        assertThat(decoder.results())
                .containsExactly(
                        new Result(new Rows("a", List.of("site", "http://a"), Set.of(0)), null),
                        new Result(null, "WRONGTYPE", "b"),
                        new Result(new Rows(null, List.of(), Set.of()), null));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
