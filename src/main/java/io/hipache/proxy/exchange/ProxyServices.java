package io.hipache.proxy.exchange;

import io.hipache.admission.Admission;
import io.hipache.net.EventClock;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.proxy.exchange.head.IdSource;
import io.hipache.routing.Driver;
import io.hipache.routing.Router;
import io.hipache.upstream.UpstreamPool;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What all exchanges share that begin under one configuration. Confined to the event loop once the worker serves. */
public final class ProxyServices {
    private final Router router;
    private final Driver driver;
    private final UpstreamPool upstreams;
    private ErrorPages pages;
    private final Consumer<ExchangeEnd> ends;
    private final Admission admission;
    private final ProxySettings settings;
    private final LongSupplier nanoClock;
    private final RetryPolicy retryPolicy;
    private final HealthRule healthRule;
    private final FailureReport failures;
    private final IdSource idSource = new IdSource();
    private long requests;
    private int underWay;
    private @Nullable Runnable unused;

    /** @param ends is told the end of every request */
    public ProxyServices(
            Router router,
            Driver driver,
            UpstreamPool upstreams,
            ErrorPages pages,
            Consumer<ExchangeEnd> ends,
            Admission admission,
            ProxySettings settings) {
        this(router, driver, upstreams, pages, ends, admission, settings, EventClock::nanoTime);
    }

    /** @param nanoClock the clock that the event loop goes by */
    public ProxyServices(
            Router router,
            Driver driver,
            UpstreamPool upstreams,
            ErrorPages pages,
            Consumer<ExchangeEnd> ends,
            Admission admission,
            ProxySettings settings,
            LongSupplier nanoClock) {
        this.router = router;
        this.driver = driver;
        this.upstreams = upstreams;
        this.pages = pages;
        this.ends = ends;
        this.admission = admission;
        this.settings = settings;
        this.nanoClock = nanoClock;
        this.retryPolicy = new RetryPolicy(settings.retryOnError());
        this.healthRule = new HealthRule(settings.deadBackendOn500(), settings.deadBackendOnUnsupported());
        this.failures = new FailureReport(driver, nanoClock);
    }

    public ErrorPages pages() {
        return pages;
    }

    /** Answers with other pages from now on. */
    public void use(ErrorPages others) {
        pages = others;
    }

    /** Is told the end of every request. */
    public Consumer<ExchangeEnd> ends() {
        return ends;
    }

    public Admission admission() {
        return admission;
    }

    public ProxySettings settings() {
        return settings;
    }

    public LongSupplier nanoClock() {
        return nanoClock;
    }

    /** How many exchanges have begun until now. */
    public long requests() {
        return requests;
    }

    void exchangeBegins() {
        requests++;
        underWay++;
    }

    void exchangeEnds() {
        if (--underWay == 0 && unused != null) {
            unused.run();
        }
    }

    /**
     * Has {@code action} run when no exchange is under way with these services, perhaps at once. To be called when no more
     * exchanges begin. Tunnels do not count: they use nothing that has to be kept for them.
     */
    public void whenUnused(Runnable action) {
        unused = action;
        if (underWay == 0) {
            action.run();
        }
    }

    Router router() {
        return router;
    }

    Driver driver() {
        return driver;
    }

    UpstreamPool upstreams() {
        return upstreams;
    }

    RetryPolicy retryPolicy() {
        return retryPolicy;
    }

    HealthRule healthRule() {
        return healthRule;
    }

    FailureReport failures() {
        return failures;
    }

    IdSource idSource() {
        return idSource;
    }
}
