package io.hipache.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.config.ConfigException;
import io.hipache.config.ConfigLoader;
import io.hipache.config.HipacheConfig;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LimitsTest {
    @ParameterizedTest
    @CsvSource({"100, 75, 75", "10, 75, 7", "1, 75, 1", "3, 1, 1", "1000000, 100, 1000000", "1000000, 75, 750000"})
    void tunnelsHaveTheirShareOfTheSocketsAndOneAtLeast(int sockets, int percent, int tunnels) throws Exception {
        HipacheConfig.Server server = server("\"maxSockets\": " + sockets + ", \"maxTunnels\": " + percent);

        assertThat(Limits.of(server).tunnelsPerBackend()).isEqualTo(tunnels);
    }

    @Test
    void boundsTheQueueOfEachBackendByDefault() throws Exception {
        assertThat(Limits.of(server("")).waitingPerBackend()).isEqualTo(500);
        assertThat(Limits.of(server("\"maxWaiting\": 0")).waitingPerBackend()).isZero();
    }

    private static HipacheConfig.Server server(String keys) throws ConfigException {
        return new ConfigLoader(Path.of("static-errors").toAbsolutePath(), 1, false)
                .parse("{\"server\": {" + keys + "}}")
                .config()
                .server();
    }
}
