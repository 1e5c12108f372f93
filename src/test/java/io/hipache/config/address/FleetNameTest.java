package io.hipache.config.address;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which machines take a request for their own. */
class FleetNameTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis://redis.example.com",
                "redis://10.0.0.5:6380/2#shop",
                "redis://[2001:db8::1]",
                "redis-sentinel://s1.example.com,s2.example.com?master=m"
            })
    void machinesWithTheSameStoreShareAName(String url) throws Exception {
        assertThat(name("one", url)).isEqualTo(name("two", url)).matches("hipache-[0-9a-f]{12}");
    }

    @Test
    void whatEachMachineHasForItselfDoesNotCount() throws Exception {
        assertThat(name("one", "redis://127.0.0.1", "redis://:secret@redis.example.com"))
                .isEqualTo(name("two", "redis:", "rediss://user:other@redis.example.com"));
        assertThat(name("one", "redis-sentinel://a.example:1,b.example:2?master=m"))
                .isEqualTo(name("two", "redis-sentinel://b.example:2,a.example:1?master=m"));
    }

    @ParameterizedTest
    @CsvSource({
        "redis://a.example.com,    redis://b.example.com",
        "redis://a.example.com,    redis://a.example.com:6380",
        "redis://a.example.com,    redis://a.example.com/1",
        "redis://a.example.com,    redis://a.example.com#shop",
        "redis-sentinel://a.example?master=m, redis-sentinel://a.example?master=n"
    })
    void fleetsWithDifferentStoresDoNot(String one, String two) throws Exception {
        assertThat(name("machine", one)).isNotEqualTo(name("machine", two));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis:",
                "redis://127.0.0.1:6380",
                "redis://localhost",
                "redis://localhost.localdomain",
                "redis://redis",
                "redis://redis.default.svc.cluster.local",
                "redis://[::1]",
                "redis://[0:0:0:0:0:0:0:1]",
                "redis-socket:///run/redis.sock",
                "redis-sentinel://sentinel?master=m"
            })
    void anAddressThatMeansAnotherStoreOnEachMachineIsToldApart(String url) throws Exception {
        assertThat(name("one", url)).isNotEqualTo(name("two", url)).isEqualTo(name("one", url));
    }

    private static String name(String machine, String... urls) throws Exception {
        List<DriverUrl> drivers = new ArrayList<>();
        for (String url : urls) {
            drivers.add(DriverUrls.parse(url));
        }
        return FleetName.of(drivers, machine);
    }
}
