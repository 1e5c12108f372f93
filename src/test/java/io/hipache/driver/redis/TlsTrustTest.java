package io.hipache.driver.redis;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class TlsTrustTest {

    @Test
    void refusesAuthoritiesThatAreOfNoUse() {
        RedisTls tls = new RedisTls(true, "-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n");

        assertThatThrownBy(() -> TlsTrust.options(tls, Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("authorities");
    }
}
