package io.hipache.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names whose look-up hangs keep nobody else from being resolved. */
final class HangingNamesTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final EventLoop loop = new DefaultEventLoop();
    private final AtomicInteger lookUps = new AtomicInteger();
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 7);

    @AfterEach
    void endTheLoop() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @ParameterizedTest
    @CsvSource({"1000, others.test", "60, hanging.test"})
    void namesThatHangKeepNoOtherNameFromBeingResolved(int hanging, String domainOfOthers) throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        try (BackendResolver resolver = new BackendResolver(
                loop,
                name -> {
                    if (name.startsWith("never")) {
                        await(end);
                    }
                    return addresses("10.0.0.1");
                },
                System::nanoTime,
                BackendResolver.Limits.USUAL)) {
            BlockingQueue<Resolution> others = new LinkedBlockingQueue<>();

            onLoop(() -> {
                for (int i = 0; i < hanging; i++) {
                    resolver.resolve("never" + i + ".hanging.test", answer -> {});
                }
                for (int i = 0; i < 35; i++) {
                    resolver.resolve("other" + i + "." + domainOfOthers, others::add);
                }
                return null;
            });

            for (int i = 0; i < 35; i++) {
                assertThat(others.poll(5, TimeUnit.SECONDS))
                        .as("before the first hanging name gives up")
                        .isEqualTo(found("10.0.0.1"));
            }
            end.countDown();
        }
    }

    @Test
    void namesThatHungGiveWayToTheOthersTheNextTime() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        BackendResolver resolver = resolver(
                name -> {
                    order.add(name);
                    if (name.startsWith("hanging")) {
                        nanos.addAndGet(TimeUnit.SECONDS.toNanos(3));
                    }
                    if (name.startsWith("busy")) {
                        await(end);
                    }
                    throw new UnknownHostException(name);
                },
                LONG,
                2);
        resolve(resolver, "hanging.test");
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(3));
        BlockingQueue<Resolution> answers = new LinkedBlockingQueue<>();

        onLoop(() -> {
            for (String name : List.of("busy.one", "hanging.test", "other.two")) {
                resolver.resolve(name, answers::add);
            }
            return null;
        });
        end.countDown();
        for (int i = 0; i < 3; i++) {
            assertThat(answers.poll(10, TimeUnit.SECONDS)).isNotNull();
        }

        assertThat(order).containsExactly("hanging.test", "busy.one", "other.two", "hanging.test");
    }

    @Test
    void keepsAFailureForAsLongAsItTookWithinReason() throws Exception {
        BackendResolver resolver = resolver(
                name -> {
                    nanos.addAndGet(TimeUnit.SECONDS.toNanos(name.startsWith("very") ? 40 : 4));
                    throw new UnknownHostException(name);
                },
                LONG,
                1);

        resolve(resolver, "slow.test");
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(4) - 1);
        resolve(resolver, "slow.test");
        assertThat(lookUps).hasValue(1);
        nanos.addAndGet(1);
        resolve(resolver, "slow.test");
        assertThat(lookUps).hasValue(2);
        resolve(resolver, "veryslow.test");
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(10));
        resolve(resolver, "veryslow.test");

        assertThat(lookUps).hasValue(4);
    }

    @Test
    void doesNotBlameANameThatWaitedForAThreadInVain() throws Exception {
        CountDownLatch latch = new CountDownLatch(1);
        BackendResolver resolver = resolver(
                name -> {
                    await(latch);
                    return addresses("10.0.0.1");
                },
                Duration.ofMillis(20),
                1);
        BlockingQueue<Resolution> answers = new LinkedBlockingQueue<>();

        onLoop(() -> {
            resolver.resolve("running.test", answers::add);
            resolver.resolve("queued.other", answers::add);
            return null;
        });

        assertThat(answers.poll(10, TimeUnit.SECONDS)).isInstanceOf(Resolution.NotFound.class);
        assertThat(answers.poll(10, TimeUnit.SECONDS))
                .isEqualTo(new Resolution.NotAsked("queued.other: too many other names are being looked up"));
        latch.countDown();
        assertThat(resolve(resolver, "queued.other")).isEqualTo(found("10.0.0.1"));
    }

    private BackendResolver resolver(BackendResolver.Lookup lookup, Duration silence, int waitingNames) {
        var limits = new BackendResolver.Limits(
                1, waitingNames, 10, Duration.ofSeconds(5), Duration.ofSeconds(1), silence, Duration.ofSeconds(1));
        return new BackendResolver(
                loop,
                name -> {
                    lookUps.incrementAndGet();
                    return lookup.addressesOf(name);
                },
                nanos::get,
                limits);
    }

    private Resolution resolve(BackendResolver resolver, String host) throws Exception {
        CompletableFuture<Resolution> answer = new CompletableFuture<>();
        loop.execute(() -> resolver.resolve(host, answer::complete));
        return answer.get(10, TimeUnit.SECONDS);
    }

    private <T> T onLoop(Callable<T> action) throws Exception {
        return loop.submit(action).get(10, TimeUnit.SECONDS);
    }

    private static InetAddress[] addresses(String... literals) throws UnknownHostException {
        InetAddress[] addresses = new InetAddress[literals.length];
        for (int i = 0; i < literals.length; i++) {
            addresses[i] = InetAddress.getByName(literals[i]);
        }
        return addresses;
    }

    private static Resolution found(String... literals) throws UnknownHostException {
        return new Resolution.Found(List.of(addresses(literals)));
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
