package io.hipache.driver;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.certificates.CertificateStore;
import io.hipache.certificates.CertificateStore.Stored;
import io.hipache.certificates.ServerName;
import io.hipache.driver.copy.CopySettings;
import io.hipache.driver.lookup.LookupBounds;
import io.hipache.driver.redis.RedisEndpoint;
import io.hipache.routing.Driver;
import io.hipache.routing.Driver.DeadBackend;
import io.hipache.routing.Driver.Marking;
import io.hipache.routing.Driver.ReadCallback;
import io.hipache.routing.Driver.Rows;
import io.hipache.routing.HostLookup;
import io.hipache.testing.TestRedis;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A driver that has its own event loop. Called from the thread of a test. */
final class DriverOnLoop implements AutoCloseable {

    /** The answer to a look-up: rows, or the reason why there are none. */
    record Answer(@Nullable Rows rows, @Nullable String unavailable) {}

    private final AtomicLong barriers = new AtomicLong();
    private boolean telling;

    /** Short, so that there are several polls during a test. */
    static final Duration CHECKER_POLL = Duration.ofMillis(50);

    private final EventLoopGroup group;
    private final EventLoop loop;
    private final Driver driver;

    DriverOnLoop(Function<EventLoop, Driver> open) {
        IoHandlerFactory handler = Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        group = new MultiThreadIoEventLoopGroup(1, handler);
        loop = group.next();
        driver = open.apply(loop);
    }

    /** A connected driver that reads from and writes to the same server. */
    static DriverOnLoop connected(TestRedis redis, Duration timeout) {
        RedisEndpoint endpoint = new RedisEndpoint(redis.host(), redis.port(), null, 0, "");
        return connected(new RedisSettings(endpoint, endpoint, timeout, Duration.ofSeconds(30), 50));
    }

    /** Reads from and writes to the same server. */
    static RedisSettings settings(RedisEndpoint endpoint, Duration timeout, CopySettings copy) {
        return new RedisSettings(
                endpoint, endpoint, timeout, Duration.ofSeconds(30), 50, LookupBounds.MAX_BACKENDS, copy);
    }

    static DriverOnLoop connected(RedisSettings settings) {
        DriverOnLoop driver = new DriverOnLoop(loop -> new RedisDriver(loop, settings, CHECKER_POLL));
        driver.awaitAnswer();
        return driver;
    }

    void awaitAnswer() {
        Awaitility.await()
                .atMost(20, TimeUnit.SECONDS)
                .pollDelay(0, TimeUnit.MILLISECONDS)
                .pollInterval(5, TimeUnit.MILLISECONDS)
                .until(() -> read("awaited").rows() != null);
    }

    /** Looks up a host under its own name, then under the other names. */
    Answer read(String host, String... others) {
        List<String> names = new ArrayList<>(List.of(host));
        names.addAll(List.of(others));
        return readTogether(List.of(new HostLookup(host, names))).get(0);
    }

    RedisDriver redis() {
        return (RedisDriver) driver;
    }

    /** Begins to ask for a certificate; fails when there is none. */
    CompletableFuture<String> certificates(String name) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        loop.execute(() -> redis().certificates()
                .read(requireNonNull(ServerName.of(name)), new CertificateStore.ReadCallback() {
                    @Override
                    public void found(Stored exact, Stored wildcard) {
                        if (exact instanceof Stored.Pair pair) {
                            if (!answer.complete(pair.pem().certificate())) {
                                answer.obtrudeException(new AssertionError("answered twice"));
                            }
                        } else {
                            unavailable(String.valueOf(exact));
                        }
                    }

                    @Override
                    public void unavailable(String reason) {
                        answer.completeExceptionally(new AssertionError(reason));
                    }
                }));
        return answer;
    }

    /** The same as {@link #read}; fails when there are no rows. */
    Rows rows(String host, String... others) {
        Answer answer = read(host, others);
        if (answer.rows() == null) {
            throw new AssertionError(answer);
        }
        return answer.rows();
    }

    /**
     * Has each look-up wait until the driver has heard of every change before it: another look-up, for a host that it cannot
     * know, goes the way of the changes.
     */
    DriverOnLoop hearingFirst() {
        telling = true;
        return this;
    }

    private void hear() {
        if (telling) {
            String unknown = "barrier" + barriers.incrementAndGet();
            await(begin(List.of(new HostLookup(unknown, List.of(unknown))), 0, 0));
        }
    }

    /** Reads several in one turn of the loop; the answers are in the order of the look-ups. */
    List<Answer> readTogether(List<HostLookup> lookups) {
        return await(begin(lookups));
    }

    List<CompletableFuture<Answer>> begin(List<HostLookup> lookups) {
        hear();
        return begin(lookups, 0, 0);
    }

    /**
     * As {@link #begin(List)}.
     *
     * @param throwing how many of the first callbacks throw once they have their answers
     * @param heldBytes what waits with each callback
     */
    List<CompletableFuture<Answer>> begin(List<HostLookup> lookups, int throwing, int heldBytes) {
        List<CompletableFuture<Answer>> answers = new ArrayList<>();
        lookups.forEach(lookup -> answers.add(new CompletableFuture<>()));
        loop.execute(() -> {
            for (int i = 0; i < lookups.size(); i++) {
                driver.read(lookups.get(i), new Answering(answers.get(i), i < throwing, heldBytes));
            }
        });
        return answers;
    }

    static List<Answer> await(List<CompletableFuture<Answer>> answers) {
        return answers.stream()
                .map(answer -> answer.orTimeout(20, TimeUnit.SECONDS).join())
                .toList();
    }

    /** Has a backend marked dead, and does not wait. */
    void markDead(DeadBackend dead) {
        beginMarking(dead);
    }

    /** Has a backend marked dead, and waits for what becomes of that. */
    Marking marking(DeadBackend dead) {
        return beginMarking(dead).orTimeout(20, TimeUnit.SECONDS).join();
    }

    /** Fails the mark when the driver tells twice what became of it. */
    CompletableFuture<Marking> beginMarking(DeadBackend dead) {
        CompletableFuture<Marking> told = new CompletableFuture<>();
        loop.execute(() -> driver.markDead(dead, marking -> {
            if (!loop.inEventLoop() || !told.complete(marking)) {
                told.obtrudeException(new AssertionError("told twice, or off the loop: " + marking));
            }
        }));
        return told;
    }

    boolean answersFromCopy() {
        return call(driver::answersFromCopy);
    }

    boolean activeCheckerAlive() {
        return call(driver::activeCheckerAlive);
    }

    /** Waits until the loop's timers of this length are over, those that were begun before included. */
    void awaitTimers(Duration length) {
        loop.schedule(() -> {}, length.toNanos(), TimeUnit.NANOSECONDS).syncUninterruptibly();
    }

    /** The loop's thread, the only one that may call back. */
    Thread thread() {
        return call(Thread::currentThread);
    }

    private <T> T call(Callable<T> task) {
        try {
            return loop.submit(task).get(20, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    void closeDriver() {
        driver.close();
        assertThat(call(() -> true)).isTrue();
    }

    @Override
    public void close() {
        closeDriver();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** Fails the look-up when a second answer comes, or when an answer comes on another thread than the loop's. */
    private final class Answering implements ReadCallback {

        private final CompletableFuture<Answer> answer;

        private final boolean throwing;
        private final int heldBytes;

        Answering(CompletableFuture<Answer> answer, boolean throwing, int heldBytes) {
            this.answer = answer;
            this.throwing = throwing;
            this.heldBytes = heldBytes;
        }

        @Override
        public int heldBytes() {
            return heldBytes;
        }

        @Override
        public void rows(Rows rows) {
            complete(new Answer(rows, null));
        }

        @Override
        public void tooLarge() {
            complete(new Answer(null, "too large"));
        }

        @Override
        public void wrongType() {
            complete(new Answer(null, "WRONGTYPE"));
        }

        @Override
        public void unavailable(String reason) {
            complete(new Answer(null, reason));
        }

        private void complete(Answer given) {
            if (!loop.inEventLoop() || !answer.complete(given)) {
                answer.obtrudeException(new AssertionError("answered twice, or off the loop: " + given));
            }
            if (throwing) {
                throw new OutOfMemoryError("thrown by a test");
            }
        }
    }
}
