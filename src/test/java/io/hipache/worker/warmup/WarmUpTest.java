package io.hipache.worker.warmup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hipache.admission.Admission;
import io.hipache.admission.AdmissionLimits;
import io.hipache.net.BackendResolver;
import io.hipache.net.CidrList;
import io.hipache.net.Transport;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.proxy.exchange.DebugHeaders;
import io.hipache.proxy.exchange.ErrorPages;
import io.hipache.proxy.exchange.ProxyServices;
import io.hipache.proxy.exchange.ProxySettings;
import io.hipache.proxy.exchange.Via;
import io.hipache.proxy.exchange.head.RequestIds;
import io.hipache.routing.DeathSettings;
import io.hipache.routing.Driver;
import io.hipache.routing.Driver.Rows;
import io.hipache.routing.HostLookup;
import io.hipache.routing.Router;
import io.hipache.testing.TestTls;
import io.hipache.tls.CipherList;
import io.hipache.tls.ClientTls;
import io.hipache.tls.ClientTlsSettings;
import io.hipache.tls.Credential;
import io.hipache.upstream.Connector;
import io.hipache.upstream.UpstreamPool;
import io.hipache.upstream.UpstreamSettings;
import io.hipache.worker.tls.LazyTls;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WarmUpTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final EventLoopGroup group = Transport.best().newEventLoop("test-loop");
    private final EventLoop loop = group.next();
    private final LazyTls tls = new LazyTls();
    private final List<ExchangeEnd> ends = new ArrayList<>();

    @AfterEach
    void end() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void servesItsRequestsThroughTheWholeProxy() {
        WarmUp warmUp = warmUp(100, PATIENCE);

        warmUp.run(List.of());

        assertThat(warmUp.answered()).isEqualTo(100);
        assertThat(warmUp.refused()).isBetween(10, 20);
        assertThat(ends.stream().filter(end -> end.requestLine().startsWith("POST /path")))
                .hasSizeBetween(10, 20);
        assertThat(warmUp.strangersEnded()).isEqualTo(WarmUpStranger.TO_PLAIN.size());
    }

    @Test
    void goesThroughTlsAsWell() throws Exception {
        ClientTls offered = tls.contexts()
                .forClients(
                        new ClientTlsSettings(CipherList.intermediate().suites(), true, List.of("h2", "http/1.1")),
                        Credential.of(Files.readString(TestTls.KEY), Files.readString(TestTls.CERT)));
        WarmUp warmUp = warmUp(200, PATIENCE);

        warmUp.run(List.of(offered::newHandler));

        assertThat(warmUp.answered()).isEqualTo(200);
        assertThat(warmUp.answeredOverTls()).isPositive();
        assertThat(warmUp.answeredOverHttp2()).isEqualTo(2 * WarmUpHttp2Client.REQUESTS);
        assertThat(warmUp.strangersEnded())
                .isEqualTo(WarmUpStranger.TO_PLAIN.size() + WarmUpStranger.TO_TLS.size() + WarmUpStranger.HTTP2.size());
    }

    @Test
    void leavesNoSocketBehind() {
        WarmUp warmUp = warmUp(100, PATIENCE);

        warmUp.run(List.of());

        await().until(() -> loop.submit(warmUp::openSockets).get() == 0);
    }

    @Test
    void endsInTimeWhetherDoneOrNot() {
        WarmUp warmUp = warmUp(Integer.MAX_VALUE, Duration.ofMillis(200));

        warmUp.run(List.of());

        await().until(() -> loop.submit(warmUp::openSockets).get() == 0);
    }

    @Test
    void asksTheStoreOfTheWorkerForNobody() {
        AskedStore store = new AskedStore(true, callback -> callback.rows(new Rows(null, List.of(), Set.of())));
        WarmUp warmUp = warmUp(store, 100, PATIENCE);

        warmUp.run(List.of());

        assertThat(warmUp.answered()).isEqualTo(100);
        assertThat(store.asked).hasSizeGreaterThanOrEqualTo(100).allMatch(HostLookup::isNobodys);
    }

    @Test
    void asksNoStoreAgainThatGivesNoAnswer() {
        AskedStore store = new AskedStore(
                true,
                callback -> loop.schedule(() -> callback.unavailable("no answer in time"), 10, TimeUnit.MILLISECONDS));
        WarmUp warmUp = warmUp(store, 100, PATIENCE);

        warmUp.run(List.of());

        assertThat(warmUp.answered()).isEqualTo(100);
        assertThat(store.asked).as("once for each connection").hasSizeLessThanOrEqualTo(8);
    }

    @Test
    void asksNoStoreThatIsAway() {
        AskedStore store = new AskedStore(false, callback -> {
            throw new AssertionError("asked");
        });
        WarmUp warmUp = warmUp(store, 100, PATIENCE);

        warmUp.run(List.of());

        assertThat(warmUp.answered()).isEqualTo(100);
        assertThat(store.asked).isEmpty();
    }

    /** The store of a worker, which answers as the test wants. */
    private static final class AskedStore implements Driver {
        private final boolean reachable;
        private final Consumer<ReadCallback> answer;
        private final List<HostLookup> asked = new ArrayList<>();

        AskedStore(boolean reachable, Consumer<ReadCallback> answer) {
            this.reachable = reachable;
            this.answer = answer;
        }

        @Override
        public void read(HostLookup lookup, ReadCallback callback) {
            asked.add(lookup);
            answer.accept(callback);
        }

        @Override
        public void markDead(DeadBackend dead, Consumer<Marking> told) {
            throw new AssertionError("marked " + dead);
        }

        @Override
        public boolean isReachable() {
            return reachable;
        }

        @Override
        public boolean answersFromCopy() {
            return false;
        }

        @Override
        public boolean activeCheckerAlive() {
            return false;
        }

        @Override
        public void close() {}
    }

    private WarmUp warmUp(int requests, Duration longest) {
        return warmUp(null, requests, longest);
    }

    private WarmUp warmUp(@Nullable Driver asked, int requests, Duration longest) {
        ProxySettings settings = new ProxySettings(
                3,
                true,
                false,
                Duration.ofSeconds(30),
                Duration.ZERO,
                false,
                CidrList.parse(List.of()),
                false,
                DebugHeaders.Audience.TRUSTED,
                RequestIds.Rule.PASS,
                false,
                Via.OFF,
                "test");
        InetSocketAddress nobody = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
        WarmUpStore store = new WarmUpStore(null, nobody, nobody);
        UpstreamPool upstreams = new UpstreamPool(
                loop,
                new Connector(loop, Transport.best(), new BackendResolver(loop), tls, PATIENCE),
                new UpstreamSettings(1, true, PATIENCE),
                new Admission(AdmissionLimits.NONE));
        ProxyServices services = new ProxyServices(
                new Router(store, DeathSettings.HIPACHE),
                store,
                upstreams,
                ErrorPages.load(Path.of("static-errors")),
                entry -> {
                    throw new AssertionError("it is in the access log");
                },
                new Admission(AdmissionLimits.NONE),
                settings);
        return new WarmUp(
                loop,
                services,
                asked,
                this.ends::add,
                tls,
                () -> tls.offering(List.of("h2")),
                new WarmUp.Effort(requests, longest));
    }
}
