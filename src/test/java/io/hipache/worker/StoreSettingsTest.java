package io.hipache.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.config.ConfigLoader;
import io.hipache.driver.RedisSettings;
import io.hipache.driver.redis.RedisAddress;
import io.hipache.driver.redis.RedisAddress.Sentinels;
import io.hipache.driver.redis.RedisAddress.Tcp;
import io.hipache.driver.redis.RedisAddress.UnixSocket;
import io.hipache.driver.redis.RedisEndpoint;
import io.hipache.driver.redis.RedisTls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class StoreSettingsTest {

    private static final Path CERT = Path.of("src/test/resources/tls/ssl.crt").toAbsolutePath();

    @Test
    void readsFromTheFirstUrlAndWritesToTheLast() throws Exception {
        RedisSettings settings = settings("'redis://u:pw@slave:1/2#p', 'rediss://master?ca=" + CERT + "'");

        assertThat(settings.read()).isEqualTo(new RedisEndpoint(new Tcp("slave", 1, null), "u", "pw", 2, "p"));
        assertThat(settings.write())
                .isEqualTo(new RedisEndpoint(
                        new Tcp("master", 6379, new RedisTls(true, Files.readString(CERT))), null, null, 0, ""));
        assertThat(settings.deadBackendTtl()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void usesOneUrlForBoth() throws Exception {
        RedisSettings settings = settings("'redis-socket:///run/redis.sock?database=1'");

        assertThat(settings.read())
                .isEqualTo(new RedisEndpoint(new UnixSocket("/run/redis.sock"), null, null, 1, ""))
                .isEqualTo(settings.write());
    }

    @Test
    void readsFromTheMasterWhereSentinelIsNamedOnce() throws Exception {
        RedisSettings settings = settings("'redis-sentinel://s1,s2?master=m'");

        assertThat(settings.read().address()).isEqualTo(sentinels(false));
        assertThat(settings.write()).isEqualTo(settings.read());
    }

    @Test
    void readsFromAReplicaWhereSentinelIsNamedTwice() throws Exception {
        RedisSettings settings = settings("'redis-sentinel://s1,s2?master=m', 'redis-sentinel://s1,s2?master=m'");

        assertThat(settings.read().address()).isEqualTo(sentinels(true));
        assertThat(settings.write().address()).isEqualTo(sentinels(false));
    }

    private static RedisAddress sentinels(boolean replica) {
        return new Sentinels(List.of(new Tcp("s1", 26379, null), new Tcp("s2", 26379, null)), "m", replica);
    }

    private static RedisSettings settings(String urls) throws Exception {
        String json = ("{'driver': [" + urls + "]}").replace('\'', '"');
        return StoreSettings.of(new ConfigLoader(Path.of("static-errors").toAbsolutePath(), 1, false)
                .parse(json)
                .config());
    }
}
