package io.hipache.supervisor.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WorkerMemoryTest {
    /** The resident set at rest without heap, direct memory and metaspace: the JVM, its code, its threads. */
    private static final int ELSE_AT_REST = 18;

    @ParameterizedTest
    @CsvSource({
        // limit, heap, direct memory, metaspace
        "1, 80, 64, 96",
        "128, 80, 64, 96",
        "200, 150, 134, 166",
        "256, 206, 190, 222",
        "512, 462, 446, 478",
        "4096, 4046, 4030, 4062",
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
                        "-Xmx206m",
                        "-XX:MaxDirectMemorySize=190m",
                        "-Dio.netty.maxDirectMemory=199229440",
                        "-XX:MaxMetaspaceSize=222m");
    }
}
