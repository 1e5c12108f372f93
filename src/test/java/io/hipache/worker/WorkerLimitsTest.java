package io.hipache.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.admission.AdmissionLimits;
import io.hipache.config.ConfigException;
import io.hipache.config.ConfigLoader;
import io.hipache.config.HipacheConfig.Server;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkerLimitsTest {

    @Test
    void followFromTheMemoryLimit() throws Exception {
        AdmissionLimits limits = WorkerLimits.of(server(""), 1_000_000);

        assertThat(limits)
                .isEqualTo(new AdmissionLimits(
                        16_384, 16_384, Integer.MAX_VALUE, 500, 64L << 20, 8_192, 32L << 20, 1 << 20, 1, 75));
    }

    @Test
    void followFromTheOpenFilesWhereTheyAreFew() throws Exception {
        AdmissionLimits limits = WorkerLimits.of(server(""), 1024);

        assertThat(limits.connections()).isEqualTo(448);
        assertThat(limits.connectionsPerAddress()).isEqualTo(224);
        assertThat(WorkerLimits.of(server(""), 20).connections()).isEqualTo(64);
    }

    @Test
    void areWhatTheConfigurationSays() throws Exception {
        AdmissionLimits limits = WorkerLimits.of(
                server("'maxConnections': 10, 'maxConnectionsPerAddress': 7, 'maxRequests': 8, 'bodyMemory': 5,"
                        + " 'headMemory': 4, 'http2Window': 64, 'minBodyRate': 0, 'maxWaiting': 9, 'maxSockets': 10"),
                1024);

        assertThat(limits)
                .isEqualTo(new AdmissionLimits(10, 8, Integer.MAX_VALUE, 9, 5L << 20, 7, 4L << 20, 64 << 10, 0, 7));
    }

    @ParameterizedTest
    @CsvSource({"100, 75, 75", "10, 75, 7", "1, 75, 1", "3, 1, 1", "1000000, 100, 1000000", "1000000, 75, 750000"})
    void giveTunnelsTheirShareOfTheSocketsAndOneAtLeast(int sockets, int percent, int tunnels) throws Exception {
        Server server = server("'maxSockets': " + sockets + ", 'maxTunnels': " + percent);

        assertThat(WorkerLimits.of(server).tunnelsPerBackend()).isEqualTo(tunnels);
    }

    @Test
    void letNobodyWaitForABackendWhereTheConfigurationSaysSo() throws Exception {
        assertThat(WorkerLimits.of(server("'maxWaiting': 0")).waitingPerBackend())
                .isZero();
    }

    @Test
    void readTheNumberOfOpenFilesThatTheKernelAllows() {
        assertThat(WorkerLimits.openFiles(List.of(
                        "Limit                     Soft Limit           Hard Limit           Units     ",
                        "Max processes             1                    1                    processes ",
                        "Max open files            1024                 4096                 files     ")))
                .isEqualTo(1024);
        assertThat(WorkerLimits.openFiles(List.of("Max open files            unlimited            unlimited files")))
                .isEqualTo(Integer.MAX_VALUE);
    }

    private static Server server(String keys) throws ConfigException {
        return new ConfigLoader(Path.of("static-errors").toAbsolutePath(), 1, false)
                .parse(("{'server': {" + keys + "}}").replace('\'', '"'))
                .config()
                .server();
    }
}
