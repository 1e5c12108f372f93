package io.hipache.driver.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConnectFailureTest {

    @ParameterizedTest
    @CsvSource({
        "finishConnect(..) failed with error(-111): Connection refused: /127.0.0.1:6379, Connection refused: /127.0.0.1:6379",
        "connect(..) failed with error(-2): No such file or directory: /run/redis.sock, No such file or directory: /run/redis.sock",
        "recvAddress(..) failed with error(-104): Connection reset by peer, Connection reset by peer",
        "Connection refused: localhost/127.0.0.1:6379, Connection refused: localhost/127.0.0.1:6379"
    })
    void leavesOutTheSystemCallAndItsNumber(String message, String reason) {
        Throwable failure = new CompletionException(
                new RedisConnectionException("Unable to connect", new ConnectException(message)));

        assertThat(ConnectFailure.of(failure)).isEqualTo(new ConnectFailure(reason, false));
    }

    @ParameterizedTest
    @CsvSource({
        "Connection initialization timed out after 3 second(s), no answer of Redis within 3 s",
        "Invalid first byte: 72 (H) at buffer index 1 decoding using null, what answers there is not Redis"
    })
    void saysInWordsThatAnotherServerIsThere(String message, String reason) {
        Throwable failure = new RedisConnectionException("Unable to connect", new RedisException(message));

        assertThat(ConnectFailure.of(failure)).isEqualTo(new ConnectFailure(reason, false));
    }

    @Test
    void saysThatThereIsNoUnixSocket() {
        assertThat(ConnectFailure.of(new CompletionException(new FileNotFoundException()))
                        .reason())
                .isEqualTo("no such file");
    }

    @Test
    void namesTheClassOfAFailureWithoutAMessage() {
        assertThat(ConnectFailure.of(new IOException(null, new ClosedChannelException()))
                        .reason())
                .isEqualTo("ClosedChannelException");
    }

    @Test
    void tellsAnErrorReplyFromAFailureOfTheNetwork() {
        Throwable failure = new RedisConnectionException(
                "Unable to connect", new RedisCommandExecutionException("ERR DB index is out of range"));

        assertThat(ConnectFailure.of(failure)).isEqualTo(new ConnectFailure("ERR DB index is out of range", true));
    }
}
