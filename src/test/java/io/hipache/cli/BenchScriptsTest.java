package io.hipache.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the benchmarks compute and check is tested in Python, beside them. */
class BenchScriptsTest {
    private static final Path PYTHON = Path.of("python3");

    @Test
    void noticeWrongAnswersAndWorseRatios() throws Exception {
        assumeTrue(hasPython(), "no Python 3.8 or newer is installed, the benchmarks are not tested");

        Script tests = Script.run(PYTHON, Map.of(), "-B", "-m", "unittest", "discover", "scripts/bench.d");

        assertThat(tests.err()).containsPattern("Ran [1-9]\\d* tests in ").endsWith("\nOK\n");
        assertThat(tests.code()).isZero();
    }

    @Test
    void describeTheirOptions() throws Exception {
        assumeTrue(hasPython(), "no Python 3.8 or newer is installed, the benchmarks are not tested");

        Script help = Script.run(Path.of("scripts/bench").toAbsolutePath(), Map.of(), "--help");

        assertThat(help.out()).contains("--workload", "websocket", "nginx-lua", "--compare", "--record");
        assertThat(help).isEqualTo(new Script(0, help.out(), ""));
    }

    private static boolean hasPython() throws Exception {
        try {
            return new ProcessBuilder(PYTHON.toString(), "-c", "import sys; sys.exit(sys.version_info < (3, 8))")
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException missing) {
            return false;
        }
    }
}
