package io.hipache.worker;

import io.hipache.admission.Admission;
import io.hipache.config.HipacheConfig;
import io.hipache.figures.BackendUse;
import io.hipache.figures.Count;
import io.hipache.figures.Expiry;
import io.hipache.figures.Figures;
import io.hipache.figures.Gauge;
import io.hipache.link.WorkerMessage;
import io.hipache.net.BackendResolver;
import io.hipache.net.Transport;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.proxy.Proxy;
import io.hipache.proxy.exchange.ErrorPages;
import io.hipache.routing.Driver.DeadBackend;
import io.hipache.routing.Driver.Marking;
import io.hipache.upstream.Connector;
import io.hipache.upstream.UpstreamPool;
import io.hipache.worker.report.Meter;
import io.hipache.worker.tls.LazyTls;
import io.hipache.worker.warmup.WarmUp;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.ApplicationProtocolNames;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds the proxy of a worker from its configuration, and whatever a later configuration needs instead. The proxy follows one
 * {@link ProxyGeneration} at a time.
 */
public final class ProxyPipelines implements ClientPipelines {
    private static final Logger log = LoggerFactory.getLogger(ProxyPipelines.class);
    /**
     * How long a starting worker waits for its store. On a busy machine, loading the client's classes takes a second.
     */
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    /** How long it waits once more, for a store that was not there before the warm-up. */
    private static final Duration LAST_PATIENCE = Duration.ofMillis(500);
    /** How long another store may take to be of use. The supervisor waits for 7 s in all. */
    private static final Duration OTHER_STORE_PATIENCE = Duration.ofSeconds(4);

    /** For the client's side of the warm-up. */
    private static final List<String> HTTP2 = List.of(ApplicationProtocolNames.HTTP_2);

    private final String version;
    private final Duration patience;
    private final Duration otherStorePatience;
    private final Duration lastPatience;
    private WarmUp.Effort warmUp;
    private final LazyTls tls = new LazyTls();

    // from the start on

    private BiConsumer<String, String> deaths = (host, entry) -> {};
    private BiConsumer<DeadBackend, Marking> marks = (dead, marking) -> {};
    private LearnedSink learned = LearnedSink.NOBODY;
    /** Until the first store is opened. */
    private final List<WorkerMessage.Known> known = new ArrayList<>();

    private @Nullable ProxyParts parts;
    private @Nullable Proxy proxy;
    /** Changed on the event loop only. */
    private volatile @Nullable ProxyGeneration inForce;

    private ProxyPipelines(
            String version,
            Duration patience,
            Duration otherStorePatience,
            Duration lastPatience,
            WarmUp.Effort warmUp) {
        this.version = version;
        this.patience = patience;
        this.otherStorePatience = otherStorePatience;
        this.lastPatience = lastPatience;
        this.warmUp = warmUp;
    }

    /**
     * For a worker that sends requests to itself before it is ready, see {@link WarmUp}.
     *
     * @param version of this program, shown in debug headers
     */
    public static ProxyPipelines warm(String version) {
        return new ProxyPipelines(version, PATIENCE, OTHER_STORE_PATIENCE, LAST_PATIENCE, WarmUp.Effort.QUICK);
    }

    /** For a worker without a warm-up. Its first requests are slow. */
    public ProxyPipelines(String version) {
        this(version, PATIENCE, OTHER_STORE_PATIENCE, LAST_PATIENCE, WarmUp.Effort.NONE);
    }

    ProxyPipelines(String version, Duration patience, Duration otherStorePatience) {
        this(version, patience, otherStorePatience, otherStorePatience, WarmUp.Effort.NONE);
    }

    @Override
    public void othersServe() {
        // by the number: Java would generate the code of equals() in each start
        if (warmUp.requests() == WarmUp.Effort.QUICK.requests()) {
            warmUp = WarmUp.Effort.THOROUGH;
        }
    }

    @Override
    public Served build(HipacheConfig config, EventLoopGroup group, Consumer<ExchangeEnd> ends, Admission admission) {
        EventLoop loop = group.next();
        Connector connector = new Connector(
                loop, Transport.best(), new BackendResolver(loop), tls, ServerSettings.connectTimeout(config.server()));
        UpstreamPool upstreams =
                new UpstreamPool(loop, connector, ServerSettings.upstreams(config.server()), admission);
        ProxyParts made = new ProxyParts(loop, connector, upstreams, tls, admission, ends, deaths, marks, version);
        ProxyGeneration first =
                ProxyGeneration.of(config, made, ErrorPages.load(config.server().staticDir()), null);
        known.forEach(some -> first.redis().restore(some.entries()));
        known.clear();
        first.reportTo(learned);
        String problem = awaitStore(first);
        if (warmUp.requests() > 0) {
            // the warm-up formats its log lines as the worker does, and drops them
            AccessLogSender lines = new AccessLogSender(loop, ServerSettings.accessLog(config.server()), batch -> true);
            new WarmUp(
                            loop,
                            first.services(),
                            problem.isEmpty() ? first.redis() : null,
                            lines,
                            tls,
                            config.server().http2() ? () -> tls.offering(HTTP2) : null,
                            warmUp)
                    .run(first.tls().handlers());
            loop.execute(tls::countFromNow);
        }
        if (!problem.isEmpty()) {
            problem = storeProblemNow(first, problem);
        }
        parts = made;
        proxy = new Proxy(first.services());
        inForce = first;
        PageWatch.start(loop, () -> {
            ProxyGeneration now = inForce;
            return now == null ? null : now.services();
        });
        return new Generation(first, problem);
    }

    @Override
    public Served prepare(HipacheConfig config, EventLoopGroup group, Consumer<ExchangeEnd> ends, Admission admission)
            throws InterruptedException {
        ProxyGeneration now = Objects.requireNonNull(inForce);
        ErrorPages pages = ErrorPages.load(config.server().staticDir(), problem -> {
            throw new IllegalArgumentException("server.staticDir: " + problem);
        });
        ProxyGeneration next = ProxyGeneration.of(config, Objects.requireNonNull(parts), pages, now);
        try {
            return new Generation(next, next.sharesStoreWith(now) ? "" : tryStore(next, now));
        } catch (RuntimeException | InterruptedException e) {
            next.release();
            throw e;
        }
    }

    /** Spares the first requests an error page. A worker starts without Redis as well. */
    private String awaitStore(ProxyGeneration first) {
        try {
            String problem = await(first.redis().trial(), patience);
            if (problem == null) {
                log.info(
                        "starting without Redis, which has not answered within {} ms; requests get"
                                + " error pages until it answers",
                        patience.toMillis());
                return "Redis has not answered within " + patience.toMillis() + " ms";
            }
            return problem;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    /**
     * Asks once more, at the end of the start: on a busy machine the store may have answered only while the worker warmed up.
     * A worker that can use its store must not count as one that cannot.
     */
    private String storeProblemNow(ProxyGeneration first, String before) {
        try {
            String problem = await(first.redis().trial(), lastPatience);
            return problem == null ? before : problem;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return before;
        }
    }

    /**
     * Finds out whether another store can be used. One that cannot be used is no worse than the present one where that one
     * cannot be used either.
     *
     * @throws IllegalArgumentException when only the other one cannot be used
     */
    private String tryStore(ProxyGeneration next, ProxyGeneration now) throws InterruptedException {
        long end = System.nanoTime() + otherStorePatience.toNanos();
        CompletionStage<String> present = now.redis().trial();
        String problem = await(next.redis().trialWithout(now.redis()), otherStorePatience);
        if (problem == null) {
            problem = "Redis has not answered within " + otherStorePatience.toMillis() + " ms";
        }
        if (problem.isEmpty()) {
            return "";
        }
        String presentProblem = await(present, Duration.ofNanos(end - System.nanoTime()));
        if (presentProblem != null && presentProblem.isEmpty()) {
            throw new IllegalArgumentException("driver: " + problem);
        }
        log.warn(
                "the store of the new configuration cannot be used: {}; it is followed nevertheless, because the present"
                        + " store cannot be used either: {}",
                problem,
                presentProblem == null ? "no answer" : presentProblem);
        return problem;
    }

    /** What a trial has found, null when it takes longer. */
    private static @Nullable String await(CompletionStage<String> trial, Duration longest) throws InterruptedException {
        try {
            return trial.toCompletableFuture().get(longest.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return null;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a trial does not fail", e);
        }
    }

    @Override
    public void useTicketKeys(ByteBuffer keys) {
        tls.useTicketKeys(keys);
    }

    @Override
    public void tellDeaths(BiConsumer<String, String> others) {
        deaths = others;
    }

    @Override
    public void tellMarks(BiConsumer<DeadBackend, Marking> figures) {
        marks = figures;
    }

    @Override
    public void measure(Meter meter) {
        ProxyGeneration now = inForce;
        ProxyParts made = parts;
        if (now == null || made == null) {
            return;
        }
        UpstreamPool upstreams = made.upstreams();
        meter.set(Gauge.BACKENDS, upstreams.size());
        meter.set(Gauge.BACKEND_CONNECTIONS, upstreams.sockets());
        meter.set(Gauge.IDLE_BACKEND_CONNECTIONS, upstreams.idle());
        meter.set(Gauge.WAITING_REQUESTS, upstreams.waiting());
        meter.set(Gauge.TUNNELS, upstreams.tunnels());
        List<BackendUse> uses = new ArrayList<>();
        upstreams.forEachBusy(
                (backend, requests, tunnels) -> uses.add(new BackendUse(backend.toString(), requests, tunnels)));
        meter.use(uses);
        meter.set(Gauge.STORE_USABLE, now.redis().isUsable() ? 1 : 0);
        meter.set(Gauge.STALE_ANSWERS, now.redis().answersFromCopy() ? 1 : 0);
        meter.total(Count.MEMORY_ANSWERS, now.memoryAnswers());
        meter.total(Count.TLS_HANDSHAKES, tls.handshakes());
        meter.total(Count.TLS_RESUMPTIONS, tls.resumptions());
    }

    @Override
    public List<Expiry> expiries() {
        return tls.certificateEnds(Figures.MOST_EXPIRIES).stream()
                .map(end -> new Expiry(end.host(), end.until().toEpochMilli()))
                .toList();
    }

    @Override
    public void tellLearned(LearnedSink supervisor) {
        learned = supervisor;
    }

    @Override
    public void restore(WorkerMessage.Known some) {
        ProxyGeneration now = inForce;
        if (now == null) {
            known.add(some);
        } else if (now.isOf(some.store())) {
            now.redis().restore(some.entries());
        }
    }

    @Override
    public void backendDied(String deadHost, String entry) {
        ProxyGeneration now = inForce;
        if (now != null) {
            now.redis().backendDied(deadHost, entry);
        }
    }

    @Override
    public long requests() {
        return proxy == null ? 0 : proxy.requests();
    }

    @Override
    public int upstreamSockets() {
        return parts == null ? 0 : parts.upstreams().sockets();
    }

    @Override
    public boolean isStoreUsable() {
        ProxyGeneration now = inForce;
        return now != null && now.redis().isUsable();
    }

    /** A generation behind the listeners of the worker. */
    private final class Generation implements Served {
        private final ProxyGeneration generation;
        private final String storeProblem;

        Generation(ProxyGeneration generation, String storeProblem) {
            this.generation = generation;
            this.storeProblem = storeProblem;
        }

        @Override
        public ChannelHandler pipeline(HipacheConfig.Listener listener) {
            return generation.pipeline(Objects.requireNonNull(proxy), listener);
        }

        @Override
        public String storeProblem() {
            return storeProblem;
        }

        @Override
        public void follow() {
            ProxyGeneration before = Objects.requireNonNull(inForce);
            inForce = generation;
            Objects.requireNonNull(proxy).follow(generation.services());
            generation.takeOver(Objects.requireNonNull(parts));
            generation.reportTo(learned);
            before.retire();
        }

        @Override
        public void discard() {
            generation.release();
        }
    }
}
