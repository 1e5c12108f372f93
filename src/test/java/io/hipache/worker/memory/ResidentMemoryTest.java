package io.hipache.worker.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ResidentMemoryTest {

    @Test
    void readsTheLineOfTheKernel() {
        assertThat(bytes("VmHWM:\t  999999 kB\nVmRSS:\t  104856 kB\nRssAnon:\t   98000 kB\n"))
                .isEqualTo(104_856L << 10);
    }

    @Test
    void isUnknownWithoutIt() {
        assertThat(bytes("Name:\tjava\n")).isZero();
        assertThat(bytes("")).isZero();
    }

    @Test
    void growsWithThisProcess() {
        ResidentMemory resident = ResidentMemory.ofThisProcess();
        long before = resident.getAsLong();

        ByteBuffer touched = ByteBuffer.allocateDirect(64 << 20);
        for (int page = 0; page < touched.capacity(); page += 4096) {
            touched.put(page, (byte) 1);
        }

        assertThat(before).isGreaterThan(20 << 20);
        assertThat(resident.getAsLong()).isGreaterThan(before + (32 << 20));
        assertThat(touched.get(4096)).isEqualTo((byte) 1);
    }

    private static long bytes(String status) {
        return ResidentMemory.bytes(ByteBuffer.wrap(status.getBytes(StandardCharsets.US_ASCII)));
    }
}
