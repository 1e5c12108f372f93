package io.hipache.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BackendResolverTest extends ResolverFixture {
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "10.1.2.3", "::1", "2001:db8::1"})
    void answersALiteralAddressAtOnceWithoutALookUp(String literal) throws Exception {
        BackendResolver resolver = resolver(name -> unknown(name));

        List<Resolution> answers = onLoop(() -> {
            List<Resolution> given = new ArrayList<>();
            resolver.resolve(literal, given::add);
            return List.copyOf(given);
        });

        assertThat(answers).containsExactly(new Resolution.Found(List.of(InetAddress.getByName(literal))));
        assertThat(lookUps).hasValue(0);
    }

    @Test
    void asksTheSystemForANameAndAnswersOnTheLoop() throws Exception {
        try (BackendResolver resolver = new BackendResolver(loop)) {
            CompletableFuture<Resolution> answer = new CompletableFuture<>();
            CompletableFuture<Boolean> onLoop = new CompletableFuture<>();

            loop.execute(() -> resolver.resolve("localhost", resolution -> {
                onLoop.complete(loop.inEventLoop());
                answer.complete(resolution);
            }));

            assertThat(answer.get(10, TimeUnit.SECONDS))
                    .asInstanceOf(type(Resolution.Found.class))
                    .satisfies(found -> assertThat(found.addresses()).allMatch(InetAddress::isLoopbackAddress));
            assertThat(onLoop).isCompletedWithValue(true);
        }
    }

    @Test
    void anUnknownNameIsAnAnswerAndNoException() throws Exception {
        BackendResolver resolver = resolver(name -> unknown(name));

        assertThat(resolve(resolver, "nowhere.test"))
                .isEqualTo(new Resolution.NotFound("nowhere.test: name not known"));
    }

    @Test
    void tellsWhatTheSystemSaysOfANameItDoesNotFind() throws Exception {
        BackendResolver resolver = resolver(name -> {
            throw new UnknownHostException(name + ": Temporary failure in name resolution");
        });

        assertThat(resolve(resolver, "nowhere.test"))
                .isEqualTo(new Resolution.NotFound("nowhere.test: Temporary failure in name resolution"));
    }

    @Test
    void anEmptyNameIsNotTheLoopbackAddress() throws Exception {
        BackendResolver resolver = resolver(InetAddress::getAllByName);

        assertThat(resolve(resolver, "")).isEqualTo(new Resolution.NotFound("empty host name"));
    }

    @Test
    void aBrokenLookUpIsAnAnswerToo() throws Exception {
        BackendResolver resolver = resolver(name -> {
            throw new IllegalArgumentException("odd name");
        });

        assertThat(resolve(resolver, "odd")).isInstanceOf(Resolution.NotFound.class);
    }

    @Test
    void keepsAnAddressForItsTimeOnly() throws Exception {
        BackendResolver resolver = resolver(name -> addresses("10.0.0.1"));

        resolve(resolver, "a.test");
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(5) - 1);
        resolve(resolver, "a.test");

        assertThat(lookUps).hasValue(1);

        nanos.addAndGet(1);
        resolve(resolver, "a.test");

        assertThat(lookUps).hasValue(2);
    }

    @Test
    void keepsAFailureForALittleWhileOnly() throws Exception {
        BackendResolver resolver = resolver(name -> unknown(name));

        resolve(resolver, "a.test");
        resolve(resolver, "a.test");

        assertThat(lookUps).hasValue(1);

        nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
        resolve(resolver, "a.test");

        assertThat(lookUps).hasValue(2);
    }

    @Test
    void handsOutAllAddressesRotatedWithinTheirFamily() throws Exception {
        BackendResolver resolver = resolver(name -> addresses("10.0.0.1", "::1", "10.0.0.2", "::2"));
        resolve(resolver, "a.test");

        Resolution one = resolve(resolver, "a.test");
        Resolution two = resolve(resolver, "a.test");
        Resolution three = resolve(resolver, "a.test");

        assertThat(one).isEqualTo(found("10.0.0.2", "10.0.0.1", "::2", "::1"));
        assertThat(two).isEqualTo(found("10.0.0.1", "10.0.0.2", "::1", "::2"));
        assertThat(three).isEqualTo(one);
    }

    @Test
    void looksUpANameOnceForAllWhoWaitForIt() throws Exception {
        CountDownLatch latch = new CountDownLatch(1);
        BackendResolver resolver = resolver(name -> {
            await(latch);
            return addresses("10.0.0.1");
        });

        BlockingQueue<Resolution> answers = new LinkedBlockingQueue<>();
        onLoop(() -> {
            for (int i = 0; i < 100; i++) {
                resolver.resolve("a.test", answers::add);
            }
            return null;
        });
        latch.countDown();

        for (int i = 0; i < 100; i++) {
            assertThat(answers.poll(10, TimeUnit.SECONDS)).isEqualTo(found("10.0.0.1"));
        }
        assertThat(lookUps).hasValue(1);
    }

    @Test
    void refusesNamesPastItsBoundsInsteadOfQueueingThem() throws Exception {
        CountDownLatch latch = new CountDownLatch(1);
        BackendResolver resolver = resolver(
                name -> {
                    await(latch);
                    return addresses("10.0.0.1");
                },
                LONG);

        BlockingQueue<Resolution> answers = new LinkedBlockingQueue<>();
        onLoop(() -> {
            for (String name : List.of("running.test", "queued.test", "refused.test")) {
                resolver.resolve(name, answers::add);
            }
            return null;
        });

        assertThat(answers)
                .containsExactly(new Resolution.NotAsked("refused.test: too many other names are being looked up"));
        latch.countDown();
        assertThat(answers.take()).isInstanceOf(Resolution.NotAsked.class);
        assertThat(answers.poll(10, TimeUnit.SECONDS)).isEqualTo(found("10.0.0.1"));
        assertThat(answers.poll(10, TimeUnit.SECONDS)).isEqualTo(found("10.0.0.1"));
    }

    @Test
    void doesNotLetARequestWaitForASilentNameService() throws Exception {
        CountDownLatch latch = new CountDownLatch(1);
        BackendResolver resolver = resolver(
                name -> {
                    await(latch);
                    return addresses("10.0.0.1");
                },
                Duration.ofMillis(20));

        Resolution first = resolve(resolver, "a.test");
        Resolution second = resolve(resolver, "a.test");

        assertThat(first).isEqualTo(new Resolution.NotFound("a.test: the name service does not answer"));
        assertThat(second).isEqualTo(first);
        assertThat(lookUps).hasValue(1);
        latch.countDown();
    }

    @Test
    void doesNotLookUpWhatIsLongerThanAnyName() throws Exception {
        BackendResolver resolver = resolver(name -> addresses("10.0.0.1"));

        assertThat(resolve(resolver, "x".repeat(8000))).isInstanceOf(Resolution.NotFound.class);
        assertThat(lookUps).hasValue(0);
    }

    @Test
    void keepsABoundedNumberOfAnswers() throws Exception {
        BackendResolver resolver = resolver(name -> addresses("10.0.0.1"));

        for (String name : List.of("a.test", "b.test", "c.test")) {
            resolve(resolver, name);
        }
        resolve(resolver, "c.test");
        resolve(resolver, "a.test");

        assertThat(lookUps).as("a.test made room for c.test").hasValue(4);
    }

    private BackendResolver resolver(BackendResolver.Lookup lookup) {
        return resolver(lookup, LONG);
    }

    private BackendResolver resolver(BackendResolver.Lookup lookup, Duration silence) {
        return resolver(lookup, silence, 1, 2);
    }

    private static InetAddress[] unknown(String name) throws UnknownHostException {
        throw new UnknownHostException(name);
    }
}
