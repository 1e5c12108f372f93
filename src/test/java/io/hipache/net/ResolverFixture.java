package io.hipache.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;

/** A resolver on an event loop, whose look-ups and whose clock are the test's. */
abstract class ResolverFixture {
    static final Duration LONG = Duration.ofMinutes(1);

    final EventLoop loop = new DefaultEventLoop();
    final AtomicInteger lookUps = new AtomicInteger();
    final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 7);

    @AfterEach
    void endTheLoop() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** One name is looked up at a time. */
    final BackendResolver resolver(BackendResolver.Lookup lookup, Duration silence, int waitingNames, int keptNames) {
        var limits = new BackendResolver.Limits(
                1,
                waitingNames,
                keptNames,
                Duration.ofSeconds(5),
                Duration.ofSeconds(1),
                silence,
                Duration.ofSeconds(1));
        return new BackendResolver(
                loop,
                name -> {
                    lookUps.incrementAndGet();
                    return lookup.addressesOf(name);
                },
                nanos::get,
                limits);
    }

    final Resolution resolve(BackendResolver resolver, String host) throws Exception {
        CompletableFuture<Resolution> answer = new CompletableFuture<>();
        loop.execute(() -> resolver.resolve(host, answer::complete));
        return answer.get(10, TimeUnit.SECONDS);
    }

    final <T> T onLoop(Callable<T> action) throws Exception {
        return loop.submit(action).get(10, TimeUnit.SECONDS);
    }

    static InetAddress[] addresses(String... literals) throws UnknownHostException {
        InetAddress[] addresses = new InetAddress[literals.length];
        for (int i = 0; i < literals.length; i++) {
            addresses[i] = InetAddress.getByName(literals[i]);
        }
        return addresses;
    }

    static Resolution found(String... literals) throws UnknownHostException {
        return new Resolution.Found(List.of(addresses(literals)));
    }

    static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
