package io.hipache.supervisor.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WorkerMemoryTest {
    /** The resident set at rest without heap, direct memory and metaspace: the JVM, its code, its threads. */
    private static final int ELSE_AT_REST = 28;

    @ParameterizedTest
    @CsvSource({
        // limit, heap, direct memory, metaspace
        "1, 80, 64, 96",
        "128, 80, 64, 96",
        "200, 140, 124, 156",
        "256, 196, 180, 212",
        "512, 452, 436, 468",
        "4096, 4036, 4020, 4052",
        "1000000, 31744, 31744, 31744"
    })
    void followsFromTheMemoryLimit(int memoryLimit, int heap, int directMemory, int metaspace) {
        assertThat(WorkerMemory.of(memoryLimit)).isEqualTo(new WorkerMemory(heap, directMemory, metaspace));
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 200, 256, 1024, 16_384})
    void whateverGrowsAloneIsOverTheLimitBeforeItIsFull(int memoryLimit) {
        WorkerMemory memory = WorkerMemory.of(memoryLimit);

        assertThat(memory.heap() + 8 + 40 + ELSE_AT_REST).isGreaterThan(memoryLimit);
        assertThat(24 + memory.directMemory() + 40 + ELSE_AT_REST).isGreaterThan(memoryLimit);
        assertThat(24 + 8 + memory.metaspace() + ELSE_AT_REST).isGreaterThan(memoryLimit);
    }

    @Test
    void isSaidToTheJvm() {
        assertThat(WorkerMemory.of(256).flags())
                .containsExactly(
                        "-Xmx196m",
                        "-XX:MaxDirectMemorySize=180m",
                        "-Dio.netty.maxDirectMemory=188743680",
                        "-XX:MaxMetaspaceSize=212m");
    }
}
