package io.hipache.driver.copy;

import io.hipache.driver.lookup.Lookups;
import io.hipache.driver.redis.PlainCommand;
import io.hipache.driver.redis.RedisCommand;
import io.hipache.driver.redis.RedisKeys;
import io.hipache.driver.redis.RedisLink;
import io.lettuce.core.api.push.PushMessage;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has Redis tell each change of a frontend, a dead set or a certificate on the connection that reads them ({@code CLIENT TRACKING
 * … BCAST}, Redis 6). Replies and changes come in one order, so a reply is never older than the changes before it. A ping
 * twice a second finds a connection that tells nothing any more although it is open. Confined to the event loop.
 */
public final class Tracking {

    private static final Logger LOG = LoggerFactory.getLogger(Tracking.class);
    private static final long BEAT_MILLIS = 500;

    /** While the server says that it has no data at the moment. */
    private static final long BUSY_BEAT_MILLIS = 20;

    /** Without a reply for this long, Redis is asked for every request again. */
    private static final Duration SILENCE = Duration.ofSeconds(1);

    /** Without a reply for this long, the connection is closed: it may be open on this side only. */
    private static final Duration STALLED = Duration.ofSeconds(2);

    private final EventLoop loop;
    private final RedisLink link;
    private @Nullable Lookups server;
    private final RedisKeys keys;
    private final boolean tracking;
    private final FrontendCopy frontends;
    private final CertificateCopy certificates;
    private boolean confirmed;
    private Runnable whenSilent = () -> {};
    private boolean pinging;
    private boolean silent;
    private boolean askAgain;
    private boolean closed;
    private long pingNanos;
    private @Nullable String helloError;
    private @Nullable String reported;

    /**
     * @param tracking whether Redis is to tell changes; if not, there is only the ping
     * @param frontends hears of each change
     * @param certificates hears of each change
     */
    public Tracking(
            EventLoop loop,
            RedisLink link,
            RedisKeys keys,
            boolean tracking,
            FrontendCopy frontends,
            CertificateCopy certificates) {
        this.loop = loop;
        this.link = link;
        this.keys = keys;
        this.tracking = tracking;
        this.frontends = frontends;
        this.certificates = certificates;
    }

    /**
     * Begins to ping. {@code lookups} may know that the server has no data at the moment, and hears when it has.
     *
     * @param silenced called when nothing comes any more on a connection
     */
    public void open(Lookups lookups, Runnable silenced) {
        server = lookups;
        whenSilent = silenced;
        if (!closed) {
            beatLater();
        }
    }

    /** To be called for every new connection, before any look-up is sent on it. */
    public void connected() {
        askToTell();
    }

    private void askToTell() {
        if (tracking) {
            askAgain = false;
            int connection = link.number();
            link.write(List.of(
                    new PlainCommand((value, error) -> helloError = error, "HELLO", "3"),
                    new PlainCommand(
                            (value, error) -> answered(connection, error),
                            "CLIENT",
                            "TRACKING",
                            "ON",
                            "BCAST",
                            "PREFIX",
                            keys.frontend(""),
                            "PREFIX",
                            keys.dead(""),
                            "PREFIX",
                            keys.tls(""))));
        }
    }

    private void answered(int connection, @Nullable String trackingError) {
        // without RESP3, a server agrees and then tells nothing
        String error = helloError == null ? trackingError : helloError;
        if (!isOf(connection, error)) {
            return;
        }
        if (error != null && RedisCommand.isPassing(error)) {
            askAgain = true;
        } else if (error == null) {
            confirmed = true;
            told(connection);
            report("tells each change: look-ups are answered from memory", false);
        } else {
            report(
                    "cannot tell changes, so each request asks it; server.cache \"tracking\" needs Redis 6 and the right to"
                            + " HELLO and CLIENT TRACKING: " + error,
                    true);
        }
    }

    /** Whether this is a reply, and of the connection that there is. */
    private boolean isOf(int connection, @Nullable String error) {
        return link.connected() && connection == link.number() && !RedisLink.LOST.equals(error);
    }

    /** Logs a state when another one was logged last. */
    private void report(String state, boolean warning) {
        if (!state.equals(reported)) {
            reported = state;
            if (warning) {
                LOG.warn("Redis {}: {}", link, state);
            } else {
                LOG.info("Redis {}: {}", link, state);
            }
        }
    }

    private void told(int connection) {
        frontends.told(connection);
        certificates.told(connection);
    }

    private void untold() {
        frontends.untold();
        certificates.untold();
    }

    /** The connection has ended. */
    public void lost() {
        pinging = false;
        silent = false;
        confirmed = false;
        untold();
    }

    /** Whether there is a connection on which nothing comes any more. */
    public boolean isSilent() {
        return silent;
    }

    /** Whether the server is there and has no data at the moment. */
    public boolean isBusy() {
        return server != null && server.isServerBusy();
    }

    /** Takes what Redis tells. */
    public void pushed(PushMessage message) {
        if (!message.getType().equals("invalidate")) {
            return;
        }
        List<Object> content = message.getContent();
        if (content.size() > 1 && content.get(1) instanceof List<?> changed) {
            for (Object key : changed) {
                if (key instanceof ByteBuffer bytes) {
                    changed(StandardCharsets.UTF_8.decode(bytes).toString());
                }
            }
        } else {
            // FLUSHALL and FLUSHDB have null in place of the keys
            frontends.allChanged();
            certificates.allChanged();
        }
    }

    private void changed(String key) {
        if (!tell(key, keys.frontend(""), frontends::frontendChanged)
                && !tell(key, keys.dead(""), frontends::deadSetChanged)) {
            tell(key, keys.tls(""), certificates::changed);
        }
    }

    private static boolean tell(String key, String prefix, Consumer<String> changed) {
        if (!key.startsWith(prefix)) {
            return false;
        }
        changed.accept(key.substring(prefix.length()));
        return true;
    }

    private void beatLater() {
        long pause = isBusy() ? BUSY_BEAT_MILLIS : BEAT_MILLIS;
        var unused = loop.schedule(this::beat, pause, TimeUnit.MILLISECONDS);
    }

    private void beat() {
        if (closed) {
            return;
        }
        long now = System.nanoTime();
        if (link.connected() && !pinging) {
            pinging = true;
            pingNanos = now;
            int connection = link.number();
            link.write(new PlainCommand((value, error) -> pong(connection, error), "PING"));
        } else if (pinging && now - pingNanos > STALLED.toNanos()) {
            link.reset("no answer any more");
        } else if (pinging && now - pingNanos > SILENCE.toNanos() && !silent) {
            silent = true;
            untold();
            LOG.warn("Redis {}: has not answered for {} s", link, SILENCE.toSeconds());
            whenSilent.run();
        }
        beatLater();
    }

    /** Whatever changed before this reply was told before it. */
    private void pong(int connection, @Nullable String error) {
        if (!isOf(connection, error)) {
            return;
        }
        pinging = false;
        if (error == null && server != null) {
            server.serverIsNotBusy();
        }
        if (error == null && askAgain) {
            askToTell();
        }
        if (silent) {
            silent = false;
            LOG.info("Redis {}: answers again", link);
            if (confirmed) {
                told(connection);
            }
        }
    }

    public void close() {
        closed = true;
        untold();
    }
}
