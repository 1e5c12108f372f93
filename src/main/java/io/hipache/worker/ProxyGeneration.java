package io.hipache.worker;

import io.hipache.config.HipacheConfig;
import io.hipache.config.HipacheConfig.LruCache;
import io.hipache.config.address.DriverUrlText;
import io.hipache.driver.CachingDriver;
import io.hipache.driver.RedisDriver;
import io.hipache.driver.RedisSettings;
import io.hipache.driver.copy.CopyReport;
import io.hipache.link.WorkerMessage;
import io.hipache.proxy.Proxy;
import io.hipache.proxy.exchange.ErrorPages;
import io.hipache.proxy.exchange.ProxyServices;
import io.hipache.routing.Driver;
import io.hipache.routing.Router;
import io.hipache.snapshot.Entry;
import io.hipache.upstream.UpstreamSettings;
import io.hipache.worker.report.WatchedMarks;
import io.hipache.worker.tls.ListenerTls;
import io.netty.channel.ChannelHandler;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that requests use under one configuration. What does not differ from the generation before is shared with it.
 * Immutable; made on another thread than the event loop, then confined to the loop.
 */
final class ProxyGeneration {

    /** The store, and what was said when it was opened. */
    private record Store(RedisSettings settings, RedisDriver redis) {}

    private final HipacheConfig config;
    private final @Nullable LruCache cache;
    private final Shared<Store> store;
    private final UpstreamSettings upstreams;
    private final Duration connectTimeout;
    private final Shared<ListenerTls> tls;
    private final Driver driver;
    private final ProxyServices services;

    private ProxyGeneration(
            HipacheConfig config,
            @Nullable LruCache cache,
            Shared<Store> store,
            UpstreamSettings upstreams,
            Duration connectTimeout,
            Shared<ListenerTls> tls,
            Driver driver,
            ProxyServices services) {
        this.config = config;
        this.cache = cache;
        this.store = store;
        this.upstreams = upstreams;
        this.connectTimeout = connectTimeout;
        this.tls = tls;
        this.driver = driver;
        this.services = services;
    }

    /**
     * Builds the generation of a configuration. Begins to connect to its store, and does not wait for that.
     *
     * @param before the one in force, null at the start
     * @throws IllegalArgumentException with a message for the administrator; nothing is left open then
     */
    static ProxyGeneration of(
            HipacheConfig config, ProxyParts parts, ErrorPages pages, @Nullable ProxyGeneration before) {
        Shared<Store> store = store(config, parts, before);
        Shared<ListenerTls> tls;
        try {
            tls = tls(config, parts, store, before);
        } catch (RuntimeException e) {
            store.release();
            throw e;
        }
        LruCache cache =
                config.server().cacheTracking() ? null : config.server().lruCache();
        Driver driver = driver(store, cache, before);
        Driver watched = new WatchedMarks(driver, parts.marks());
        ProxyServices services = new ProxyServices(
                new Router(watched, ServerSettings.deaths(config.server())),
                watched,
                parts.upstreams(),
                pages,
                parts.ends(),
                parts.admission(),
                ServerSettings.proxy(config.server(), parts.version()));
        return new ProxyGeneration(
                config,
                cache,
                store,
                ServerSettings.upstreams(config.server()),
                ServerSettings.connectTimeout(config.server()),
                tls,
                driver,
                services);
    }

    private static Shared<Store> store(HipacheConfig config, ProxyParts parts, @Nullable ProxyGeneration before) {
        RedisSettings settings = StoreSettings.of(config);
        if (before != null && before.store.get().settings().equals(settings)) {
            return before.store.retain();
        }
        Store opened = new Store(settings, new RedisDriver(parts.loop(), settings, parts.deaths()));
        if (before != null && storeName(config).equals(storeName(before.config))) {
            opened.redis().takeFrom(before.redis());
        }
        return new Shared<>(parts.loop(), opened, unused -> unused.redis().closeAfterMarks());
    }

    private static String storeName(HipacheConfig config) {
        return DriverUrlText.store(config.drivers().get(0));
    }

    private static Shared<ListenerTls> tls(
            HipacheConfig config, ProxyParts parts, Shared<Store> store, @Nullable ProxyGeneration before) {
        RedisDriver redis = store.get().redis();
        if (before != null && before.tls.get().fits(config, redis.certificates())) {
            return before.tls.retain();
        }
        ListenerTls made = new ListenerTls(parts.loop(), config, redis.certificates(), parts.tls());
        if (made.asksStore()) {
            // handshakes go on for a while behind the last request, and ask the store
            store.retain();
            return new Shared<>(parts.loop(), made, unused -> unused.close(store::release));
        }
        return new Shared<>(parts.loop(), made, unused -> unused.close(() -> {}));
    }

    private static Driver driver(Shared<Store> store, @Nullable LruCache cache, @Nullable ProxyGeneration before) {
        RedisDriver redis = store.get().redis();
        if (cache == null) {
            return redis;
        }
        if (before != null && before.store == store && cache.equals(before.cache)) {
            return before.driver;
        }
        return new CachingDriver(redis, cache.size(), cache.ttl());
    }

    ProxyServices services() {
        return services;
    }

    RedisDriver redis() {
        return store.get().redis();
    }

    /** How often a look-up was answered from memory, while the store was there. */
    long memoryAnswers() {
        return redis().memoryAnswers() + (driver instanceof CachingDriver cached ? cached.memoryAnswers() : 0);
    }

    ListenerTls tls() {
        return tls.get();
    }

    /** Has the store tell what it learns, if the configuration has a snapshot. */
    void reportTo(LearnedSink learned) {
        redis().reportTo(config.server().snapshot() == null ? null : new LearnedFrom(config, learned));
    }

    /** Whether its store has this name in messages. */
    boolean isOf(String store) {
        return store.equals(storeName(config));
    }

    boolean sharesStoreWith(ProxyGeneration other) {
        return store == other.store;
    }

    /** The handler that equips each accepted connection of a listener of this configuration. */
    ChannelHandler pipeline(Proxy proxy, HipacheConfig.Listener listener) {
        return switch (listener.kind()) {
            case TRAFFIC ->
                proxy.pipeline(listener.tls() == null ? null : tls.get().handlers(listener.tls()));
        };
    }

    /** Has the connections to backends follow this configuration. To be called on the event loop. */
    void takeOver(ProxyParts parts) {
        parts.connector().follow(connectTimeout);
        parts.upstreams().follow(upstreams);
    }

    /** No request begins under this generation any more. To be called on the event loop. */
    void retire() {
        services.whenUnused(this::release);
    }

    /** Closes what no other generation shares. To be called when no exchange is under way under this one. */
    void release() {
        store.release();
        tls.release();
    }

    /** Names the store of what was learned. */
    private record LearnedFrom(String store, LearnedSink to) implements CopyReport.Sink {

        LearnedFrom(HipacheConfig config, LearnedSink to) {
            this(storeName(config), to);
        }

        @Override
        public boolean hasRoom() {
            return to.hasRoom();
        }

        @Override
        public void send(List<Entry> entries) {
            to.send(new WorkerMessage.Known(store, entries));
        }
    }
}
