package io.hipache.checker;

import io.hipache.config.HipacheConfig;
import io.hipache.config.HipacheConfig.ActiveCheck;
import io.hipache.driver.redis.ClientName;
import io.hipache.probe.OwnAddresses;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreEndpoints;
import io.hipache.store.StoreException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The active checks of this process, as the configuration in force has them. Nothing of them exists where it has none. Any
 * thread may call this, one at a time.
 */
public final class ActiveChecks implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ActiveChecks.class);

    /** How long the end of the program waits, so that another process can be elected at once. */
    private static final Duration END = Duration.ofSeconds(1);

    private record Running(ActiveCheck settings, StoreEndpoints endpoints, Checker checker) {}

    private @Nullable Running running;

    private final Predicate<InetAddress> own;
    private final Findings findings;

    public ActiveChecks(Findings findings) {
        this(OwnAddresses.now(), findings);
    }

    /** @param own whether an address is one of this machine, of which checks are believed without a witness */
    ActiveChecks(Predicate<InetAddress> own, Findings findings) {
        this.own = own;
        this.findings = findings;
    }

    /** Begins, changes or ends the checks. */
    public void follow(HipacheConfig config) {
        follow(config.server().activeCheck(), config);
    }

    /**
     * Begins, changes or ends the checks in the store of a configuration.
     *
     * @param settings null for no checks
     */
    public synchronized void follow(@Nullable ActiveCheck settings, HipacheConfig config) {
        StoreEndpoints endpoints = settings == null ? null : StoreEndpoints.of(config);
        Running present = running;
        if (present != null && present.settings.equals(settings) && present.endpoints.equals(endpoints)) {
            return;
        }
        stop();
        if (settings != null && endpoints != null) {
            try {
                Checker checker =
                        new Checker(settings, new StoreConnection(endpoints, ClientName.CHECKER), own, findings);
                running = new Running(settings, endpoints, checker);
                checker.start();
            } catch (StoreException e) {
                LOG.error("active checks: {}", e.getMessage());
            }
        }
    }

    /** Ends the checks, because another process goes on with them. */
    public synchronized void stop() {
        if (running != null) {
            var unused = running.checker.stop();
            running = null;
        }
    }

    @Override
    public synchronized void close() {
        if (running != null) {
            CompletableFuture<@Nullable Void> stopped = running.checker.stop();
            running = null;
            stopped.completeOnTimeout(null, END.toMillis(), TimeUnit.MILLISECONDS)
                    .join();
        }
    }
}
