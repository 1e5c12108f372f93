package io.hipache.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.security.Security;
import org.junit.jupiter.api.Test;

class SystemLookupTest {
    @Test
    void asksTheSystemAndHasTheJdkKeepNothing() throws Exception {
        assertThat(SystemLookup.all("localhost")).isNotEmpty().allMatch(InetAddress::isLoopbackAddress);

        assertThat(Security.getProperty("networkaddress.cache.ttl")).isEqualTo("0");
        assertThat(Security.getProperty("networkaddress.cache.negative.ttl")).isEqualTo("0");
    }
}
