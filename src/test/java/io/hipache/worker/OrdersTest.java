package io.hipache.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OrdersTest {
    @ParameterizedTest
    @CsvSource({"0, 0", "400, 300", "1000, 750", "1600, 1200", "8000, 7600", "60000, 59600"})
    void leavesTheProgramTimeToEndWithinItsStopTimeout(long stopTimeoutMillis, long forRequestsMillis) {
        assertThat(Orders.forRequests(Duration.ofMillis(stopTimeoutMillis)))
                .isEqualTo(Duration.ofMillis(forRequestsMillis));
    }
}
