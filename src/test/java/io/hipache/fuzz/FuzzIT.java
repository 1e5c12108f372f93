package io.hipache.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Searches for inputs that break a target, guided by the code that each input reaches. A build tries the same inputs each
 * time. With {@code -Dfuzz.seconds=3600} the search goes on for that long for each target, from where the last one ended;
 * {@code -Dfuzz.targets=pem,config} names the targets.
 */
class FuzzIT {
    private static final int SECONDS = Integer.getInteger("fuzz.seconds", 0);
    private static final List<String> TARGETS =
            List.of(System.getProperty("fuzz.targets", "").split(","));
    private static final ExecutorService PROCESSORS =
            Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());

    @AfterAll
    static void stop() {
        PROCESSORS.shutdownNow();
    }

    @TestFactory
    Stream<DynamicTest> findsNothingNew() {
        // all of them begin here, as many at a time as there are processors
        List<Run> runs = Arrays.stream(Target.values())
                .filter(target -> TARGETS.contains("") || TARGETS.contains(target.text()))
                .map(target -> new Run(target, PROCESSORS.submit(new Fuzzer(target, SECONDS)::run)))
                .toList();
        assertThat(runs).isNotEmpty();
        return runs.stream().map(run -> DynamicTest.dynamicTest(run.target().text(), run::requireNothingNew));
    }

    private record Run(Target target, Future<Fuzzer.Result> result) {

        void requireNothingNew() throws Exception {
            Fuzzer.Result run = result.get();

            assertThat(run.findings())
                    .as(
                            "inputs that break %s; move them to %s, where FuzzSeedsTest tries them. %s",
                            target.className(), target.seedFolder(), run.output())
                    .isEmpty();
            assertThat(run.exitCode()).as(run.output()).isZero();
            assertThat(run.output()).containsPattern("Done [1-9][0-9]* runs");
        }
    }
}
