package io.hipache.supervisor.admin.frontends;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NameIndexTest {
    private final NameIndex index = new NameIndex();

    @Test
    void theNameItselfIsFirstThenThoseThatBeginSo() {
        add("a.foo.org", "foo.org", "b.FOO.org", "foo.org.example", "bar.org");

        assertThat(index.search("foo.org", 10, Set.of()))
                .isEqualTo(new NameIndex.Found(List.of("foo.org", "foo.org.example", "a.foo.org", "b.FOO.org"), 4));
        assertThat(index.search("FOO", 2, Set.of("foo.org")).names()).containsExactly("foo.org.example", "a.foo.org");
        assertThat(index.search("o", 1, Set.of()).total()).isEqualTo(5);
        assertThat(index.search("org.e", 0, Set.of()).names()).isEmpty();
        assertThat(index.search("nothing", 5, Set.of()).names()).isEmpty();
        assertThat(index.search("", 5, Set.of()).names())
                .containsExactly("a.foo.org", "b.FOO.org", "bar.org", "foo.org", "foo.org.example");
    }

    @Test
    void aMatchNeverCrossesTheEndOfAName() {
        add("ab", "cd");

        assertThat(index.search("bc", 5, Set.of()).names()).isEmpty();
        assertThat(index.search("b\nc", 5, Set.of()).names()).isEmpty();
    }

    @Test
    void findsEveryNameInEveryBlock() {
        // lengths that leave every kind of rest at the end of a block
        IntStream.range(0, 20_000).forEach(i -> index.add("h" + i + "x".repeat(i % 97)));

        assertThat(index.size()).isEqualTo(20_000);
        assertThat(index.search("", 1, Set.of()).total()).isEqualTo(20_000);
        IntStream.of(0, 700, 9_999, 19_999).forEach(i -> assertThat(
                        index.search("h" + i + "x".repeat(i % 97), 1, Set.of()).names())
                .containsExactly("h" + i + "x".repeat(i % 97)));
    }

    @Test
    void namesThatNoHostCanHaveAreLeftOut() {
        add("", "a\nb", "x".repeat(256), "x".repeat(255));

        assertThat(index.size()).isEqualTo(1);
        assertThat(index.isTruncated()).isFalse();
    }

    @Test
    void isBoundedByNamesAndByBytes() {
        IntStream.rangeClosed(0, NameIndex.MOST_NAMES).forEach(i -> index.add("h" + i));
        assertThat(index.size()).isEqualTo(NameIndex.MOST_NAMES);
        assertThat(index.isTruncated()).isTrue();

        NameIndex long255 = new NameIndex();
        IntStream.range(0, 60_000).forEach(i -> long255.add("y".repeat(249) + (100_000 + i)));
        assertThat(long255.isTruncated()).isTrue();
        assertThat(long255.size()).isBetween(30_000, 33_000);
    }

    private void add(String... names) {
        for (String name : names) {
            index.add(name);
        }
    }
}
