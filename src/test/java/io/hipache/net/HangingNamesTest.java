package io.hipache.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names whose look-up hangs keep nobody else from being resolved. */
final class HangingNamesTest extends ResolverFixture {
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
        return resolver(lookup, silence, waitingNames, 10);
    }
}
