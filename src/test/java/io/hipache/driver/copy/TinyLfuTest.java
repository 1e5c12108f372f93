package io.hipache.driver.copy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TinyLfuTest {

    private static final class Value extends TinyLfu.Entry {
        private int bytes;

        Value(String name, int bytes) {
            super(name);
            this.bytes = bytes;
        }

        @Override
        int bytes() {
            return bytes;
        }
    }

    @Test
    void keepsWhatIsAskedForOftenThroughAFloodOfOtherNames() {
        TinyLfu<Value> map = new TinyLfu<>(10_000, 1 << 30);
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 5_000; i++) {
                ask(map, "site" + i);
            }
        }

        Random random = new Random(1);
        int found = 0;
        int asked = 0;
        for (int i = 0; i < 1_000_000; i++) {
            ask(map, "flood" + random.nextLong());
            if (i % 10 == 0) {
                asked++;
                found += ask(map, "site" + random.nextInt(5_000)) ? 1 : 0;
            }
        }

        assertThat(found).isGreaterThan(asked * 98 / 100);
        assertThat(map.size()).isLessThanOrEqualTo(10_000);
    }

    @Test
    void keepsWhatIsAskedForOftenThroughNamesThatAreAskedForTwice() {
        TinyLfu<Value> map = new TinyLfu<>(1_000, 1 << 30);
        int found = 0;
        for (int i = 0; i < 200_000; i++) {
            ask(map, "twice" + i / 2);
            found += ask(map, "site" + i % 500) ? 1 : 0;
        }

        assertThat(found).isGreaterThan(200_000 * 95 / 100);
    }

    /** With one seed of ten, a name of yesterday has the counters of busy names of today, and looks as busy. */
    @ParameterizedTest
    @MethodSource("seeds")
    void followsWhatIsAskedForNow(long seed) {
        TinyLfu<Value> map = new TinyLfu<>(1_000, 1 << 30, new FrequencySketch(seed));
        for (int i = 0; i < 50_000; i++) {
            ask(map, "yesterday" + i % 900);
        }
        for (int i = 0; i < 50_000; i++) {
            ask(map, "today" + i % 700);
            ask(map, "busy" + i % 200);
        }

        assertThat(found(map, "today", 700)).isGreaterThan(680);
    }

    static LongStream seeds() {
        return LongStream.range(0, 30).map(i -> 2 * i + 1);
    }

    @Test
    void isBoundedInBytes() {
        TinyLfu<Value> map = new TinyLfu<>(1_000_000, 1_000_000);
        Random random = new Random(2);
        for (int i = 0; i < 100_000; i++) {
            map.put(new Value("name" + i, 100 + random.nextInt(2_000)));
            assertThat(map.bytes()).isLessThanOrEqualTo(1_000_000);
        }
        assertThat(map.bytes()).isGreaterThan(900_000);
    }

    @Test
    void makesRoomForAnEntryThatGrows() {
        TinyLfu<Value> map = new TinyLfu<>(1_000, 100_000);
        for (int i = 0; i < 900; i++) {
            map.put(new Value("name" + i, 100));
        }
        Value grown = requireNonNull(map.peek("name5"));
        map.used(grown);
        grown.bytes = 60_000;
        map.put(grown);

        assertThat(map.bytes()).isLessThanOrEqualTo(100_000);
        assertThat(map.peek("name5")).isSameAs(grown);
    }

    @Test
    void dropsAnEntryThatGrowsLargerThanEverything() {
        TinyLfu<Value> map = new TinyLfu<>(1_000, 100_000);
        for (int i = 0; i < 900; i++) {
            map.put(new Value("name" + i, 100));
        }
        Value grown = requireNonNull(map.peek("name5"));
        grown.bytes = 200_000;
        map.put(grown);

        assertThat(map.peek("name5")).isNull();
        assertThat(map.size()).isEqualTo(899);
    }

    @Test
    void dropsAnEntryThatIsLargerThanEverything() {
        TinyLfu<Value> map = new TinyLfu<>(1_000, 100_000);
        map.put(new Value("small", 100));
        map.put(new Value("huge", 200_000));

        assertThat(map.bytes()).isLessThanOrEqualTo(100_000);
        assertThat(map.peek("huge")).isNull();
    }

    @Test
    void keepsManySmallEntriesFromALargeOneThatIsAskedForOnce() {
        TinyLfu<Value> map = new TinyLfu<>(100_000, 1_000_000, new FrequencySketch(1));
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 9_000; i++) {
                ask(map, "site" + i);
            }
        }
        for (int i = 0; i < 10; i++) {
            map.put(new Value("large" + i, 200_000));
        }

        assertThat(found(map, "site", 9_000)).isEqualTo(9_000);
    }

    @Test
    void losesNothingForALargeEntryThatIsAskedForLessOftenThanOneInItsWay() {
        TinyLfu<Value> map = new TinyLfu<>(100_000, 1_000_000, new FrequencySketch(1));
        for (int i = 0; i < 4_500; i++) {
            ask(map, "once" + i);
        }
        for (int round = 0; round < 4; round++) {
            for (int i = 0; i < 4_500; i++) {
                ask(map, "often" + i);
            }
        }
        for (int i = 0; i < 3; i++) {
            map.put(new Value("large", 600_000));
        }

        assertThat(map.peek("large")).isNull();
        assertThat(found(map, "once", 4_500)).isEqualTo(4_500);
    }

    @Test
    void clearsAll() {
        TinyLfu<Value> map = new TinyLfu<>(1_000, 100_000);
        for (int i = 0; i < 500; i++) {
            ask(map, "name" + i);
        }
        map.clear();

        assertThat(map.size()).isZero();
        assertThat(map.bytes()).isZero();
        ask(map, "name1");
        assertThat(map.size()).isEqualTo(1);
    }

    private static int found(TinyLfu<Value> map, String prefix, int names) {
        int found = 0;
        for (int i = 0; i < names; i++) {
            found += map.peek(prefix + i) == null ? 0 : 1;
        }
        return found;
    }

    /** Whether the name was there. It is afterwards, if there is room. */
    private static boolean ask(TinyLfu<Value> map, String name) {
        Value value = map.peek(name);
        if (value == null) {
            map.put(new Value(name, 100));
            return false;
        }
        map.used(value);
        return true;
    }
}
