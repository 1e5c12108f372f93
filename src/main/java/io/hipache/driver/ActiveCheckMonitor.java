package io.hipache.driver;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches for an external health checker, which says every 10 s in {@code hchecker_ping} that it lives (Hipache
 * lib/drivers/redis.js). While it does, the dead sets are its own. Confined to the event loop.
 */
final class ActiveCheckMonitor {

    private static final Logger LOG = LoggerFactory.getLogger(ActiveCheckMonitor.class);

    /** Age of a ping that still counts, seconds. A clock ahead of ours counts too. */
    private static final long MAX_AGE = 30;

    private final RedisLink link;
    private final InstantSource clock;
    private @Nullable Future<?> polling;
    private boolean alive;
    private boolean asking;

    ActiveCheckMonitor(RedisLink link, InstantSource clock) {
        this.link = link;
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
            link.write(PlainRequest.command(this::heard, "GET", RedisKeys.CHECKER_PING));
        }
    }

    /** An error says nothing about the checker, and so changes nothing. */
    void heard(@Nullable String ping, @Nullable String error) {
        asking = false;
        boolean lives = error == null ? isRecent(ping, clock.instant().getEpochSecond()) : alive;
        if (lives != alive) {
            alive = lives;
            LOG.info(
                    lives
                            ? "An active health checker is alive: deaths are announced, marking them is left to it"
                            : "The active health checker is silent: dead backends are marked here again");
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
