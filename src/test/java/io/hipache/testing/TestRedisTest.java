package io.hipache.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class TestRedisTest {

    @Test
    void keepsItsPortAcrossARestartAndForgetsItsKeys() {
        try (TestRedis redis = TestRedis.start()) {
            int port = redis.port();
            redis.rpush("frontend:a", "site", "http://h:80");
            assertThat(redis.command("LRANGE", "frontend:a", "0", "-1")).isEqualTo(List.of("site", "http://h:80"));

            redis.stop();
            assertThatThrownBy(() -> redis.command("PING")).isInstanceOf(UncheckedIOException.class);
            redis.restart();

            assertThat(redis.port()).isEqualTo(port);
            assertThat(redis.command("EXISTS", "frontend:a")).isEqualTo(0L);
        }
    }

    @Test
    void wantsItsPassword() throws Exception {
        try (TestRedis redis = TestRedis.start("s3cret");
                RespConnection stranger = new RespConnection(redis.host(), redis.port())) {
            assertThat(redis.command("PING")).isEqualTo("PONG");
            assertThatThrownBy(() -> stranger.command("PING")).hasMessageContaining("NOAUTH");
        }
    }
}
