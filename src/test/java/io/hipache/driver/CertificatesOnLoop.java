package io.hipache.driver;

import io.hipache.certificates.CertificateStore.ReadCallback;
import io.hipache.certificates.CertificateStore.Stored;
import io.hipache.certificates.ServerName;
import io.hipache.driver.redis.RedisEndpoint;
import io.hipache.net.Transport;
import io.hipache.testing.TestRedis;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** The certificates of a driver that has its own event loop. Called from the thread of a test. */
final class CertificatesOnLoop implements AutoCloseable {

    private final EventLoopGroup group = Transport.best().newEventLoop("test-loop");
    private final EventLoop loop = group.next();
    private final RedisDriver driver;

    /** The answer to one handshake. */
    record Answer(@Nullable Stored exact, @Nullable Stored wildcard, @Nullable String unavailable) {

        Answer(Stored exact, Stored wildcard) {
            this(exact, wildcard, null);
        }
    }

    private CertificatesOnLoop(TestRedis redis, String prefix, Duration timeout) {
        RedisEndpoint endpoint = new RedisEndpoint(redis.host(), redis.port(), null, 0, prefix);
        driver = new RedisDriver(
                loop,
                new RedisSettings(endpoint, endpoint, timeout, Duration.ofSeconds(30), 50),
                DriverOnLoop.CHECKER_POLL);
    }

    /** Without waiting for the connection. */
    static CertificatesOnLoop opened(TestRedis redis, Duration timeout) {
        return new CertificatesOnLoop(redis, "", timeout);
    }

    static CertificatesOnLoop connected(TestRedis redis, String prefix) {
        return connected(redis, prefix, RedisSettings.COMMAND_TIMEOUT);
    }

    static CertificatesOnLoop connected(TestRedis redis, String prefix, Duration timeout) {
        CertificatesOnLoop store = new CertificatesOnLoop(redis, prefix, timeout);
        Awaitility.await()
                .atMost(20, TimeUnit.SECONDS)
                .pollDelay(0, TimeUnit.MILLISECONDS)
                .pollInterval(5, TimeUnit.MILLISECONDS)
                .until(() -> store.read("awaited").unavailable() == null);
        return store;
    }

    Answer read(String name) {
        return readTogether(name).get(0);
    }

    /** Reads several in one turn of the loop; the answers are in the order of the names. */
    List<Answer> readTogether(String... names) {
        return await(begin(names));
    }

    List<CompletableFuture<Answer>> begin(String... names) {
        List<CompletableFuture<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < names.length; i++) {
            answers.add(new CompletableFuture<>());
        }
        loop.execute(() -> {
            for (int i = 0; i < names.length; i++) {
                ServerName name = Objects.requireNonNull(ServerName.of(names[i]));
                driver.certificates().read(name, new Answering(answers.get(i)));
            }
        });
        return answers;
    }

    static List<Answer> await(List<CompletableFuture<Answer>> answers) {
        return answers.stream()
                .map(answer -> answer.orTimeout(20, TimeUnit.SECONDS).join())
                .toList();
    }

    @Override
    public void close() {
        driver.close();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** Fails when a second answer comes, or when an answer comes on another thread than the loop's. */
    private final class Answering implements ReadCallback {

        private final CompletableFuture<Answer> answer;

        Answering(CompletableFuture<Answer> answer) {
            this.answer = answer;
        }

        @Override
        public void found(Stored exact, Stored wildcard) {
            complete(new Answer(exact, wildcard));
        }

        @Override
        public void unavailable(String reason) {
            complete(new Answer(null, null, reason));
        }

        private void complete(Answer given) {
            if (!loop.inEventLoop() || !answer.complete(given)) {
                answer.obtrudeException(new AssertionError("answered twice, or off the loop: " + given));
            }
        }
    }
}
