package io.hipache.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tries every seed without the fuzzer. What the fuzzer once found is among the seeds. */
class FuzzSeedsTest {

    @ParameterizedTest
    @EnumSource
    @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void everySeedHolds(Target target) throws Exception {
        List<Path> seeds = target.seeds();
        assertThat(seeds).hasSizeGreaterThan(5);

        for (Path seed : seeds) {
            byte[] input = Files.readAllBytes(seed);

            assertThatCode(() -> target.run(input)).as("%s", seed).doesNotThrowAnyException();
        }
    }
}
