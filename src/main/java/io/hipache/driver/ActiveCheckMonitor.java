package io.hipache.driver;

import io.hipache.driver.redis.PlainCommand;
import io.hipache.driver.redis.RedisEndpoint;
import io.hipache.driver.redis.RedisKeys;
import io.hipache.driver.redis.RedisLink;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches whether an external health checker is running. It writes {@code hchecker_ping} every 10 s (Hipache
 * lib/drivers/redis.js). While it runs, it alone writes the dead sets. Confined to the event loop.
 */
final class ActiveCheckMonitor {

    private static final Logger LOG = LoggerFactory.getLogger(ActiveCheckMonitor.class);

    /** Seconds after which a ping is too old. A ping of the future counts: the checker's clock may be ahead. */
    private static final long MAX_AGE = 30;

    private final RedisLink link;
    private final RedisEndpoint endpoint;
    private final InstantSource clock;
    private @Nullable Future<?> polling;
    private boolean alive;
    private boolean asking;
    private boolean answered;

    /** @param endpoint with the prefix and the database, which hipache-hchecker may not know */
    ActiveCheckMonitor(RedisLink link, RedisEndpoint endpoint, InstantSource clock) {
        this.link = link;
        this.endpoint = endpoint;
        this.clock = clock;
    }

    void start(EventLoop loop, Duration period) {
        polling = loop.scheduleWithFixedDelay(this::ask, period.toNanos(), period.toNanos(), TimeUnit.NANOSECONDS);
    }

    void close() {
        if (polling != null) {
            polling.cancel(false);
        }
    }

    boolean alive() {
        return alive;
    }

    void ask() {
        if (!asking && link.connected()) {
            asking = true;
            link.write(new PlainCommand(this::replied, "GET", RedisKeys.CHECKER_PING));
        }
    }

    /** An error says nothing about the checker, so it changes nothing. */
    private void replied(@Nullable String ping, @Nullable String error) {
        asking = false;
        boolean lives = error == null ? isRecent(ping, clock.instant().getEpochSecond()) : alive;
        if (lives != alive) {
            alive = lives;
            LOG.info(
                    lives
                            ? "An active health checker is running: dead backends are announced only, and the checker marks them"
                            : "The active health checker has stopped writing hchecker_ping: dead backends are marked by Hipache again");
            if (lives && !endpoint.prefix().isEmpty()) {
                LOG.warn(
                        "The active health checker must know the prefix {}, as server.activeCheck does: else dead backends are announced, but nobody marks them",
                        endpoint.prefix());
            }
        }
        if (!answered && error == null) {
            answered = true;
            explainSilence(ping);
        }
    }

    /** Most fleets have no checker. Fleets with the usual one should know why it cannot be seen here. */
    private void explainSilence(@Nullable String ping) {
        if (ping == null && (endpoint.database() != 0 || !endpoint.prefix().isEmpty())) {
            LOG.info(
                    "Redis {}: no active health checker is seen. If one should run: hipache-hchecker works only in database"
                            + " 0 without a prefix",
                    endpoint);
        }
    }

    static boolean isRecent(@Nullable String ping, long nowSeconds) {
        if (ping == null) {
            return false;
        }
        try {
            return nowSeconds - Long.parseLong(ping.trim()) <= MAX_AGE;
        } catch (NumberFormatException e) {
            return false;
        }
    }
}
