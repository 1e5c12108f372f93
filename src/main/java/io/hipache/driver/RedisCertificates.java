package io.hipache.driver;

import io.hipache.certificates.CertificateStore;
import io.hipache.certificates.ServerName;
import io.hipache.driver.copy.CertificateCopy;
import io.hipache.driver.redis.RedisCommand;
import io.hipache.driver.redis.RedisKeys;
import io.hipache.driver.redis.RedisLink;
import io.hipache.driver.redis.TroubleLog;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks up certificates in hashes as planb reads and tsuru writes them: {@code tls:<name>} with the fields
 * {@code certificate} and {@code key}. All look-ups of one turn of the event loop leave together, each name once. Without a
 * connection they wait for one, and so they do while the server says that it has no data at the moment. Once they are sent, their
 * only timeout is for what is in memory: the caller has a handshake to continue and gives up by itself. Confined to the loop.
 */
final class RedisCertificates implements CertificateStore {

    private static final Logger LOG = LoggerFactory.getLogger(RedisCertificates.class);
    private static final String TROUBLE = "Redis cannot answer for certificates";

    /** Names without a reply. With so many, further look-ups fail without asking Redis. */
    private static final int MAX_UNANSWERED = 1_000;

    /** How often a name is asked for when each connection ends before the reply. */
    private static final int MAX_SENT = 3;

    /** After so long without an answer, what is in memory will do. A handshake waits for a second, and has to be computed yet. */
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** How soon a name is asked for again when the server has no data at the moment. */
    private static final int PASSING_MILLIS = 50;

    private final EventLoop loop;
    private final RedisLink link;
    private final RedisKeys keys;
    private final long timeoutNanos;
    private final long stalledNanos;
    private final @Nullable StoreCopy copy;
    private final TroubleLog troubles = new TroubleLog(LOG, Duration.ofSeconds(1));
    /** What leaves at the end of this turn of the loop, or when the connection is back. The oldest is the first. */
    private Map<ServerName, PendingCertificate> turn = new LinkedHashMap<>();

    private boolean expiryScheduled;
    private boolean closed;
    private int unanswered;
    private long lastReplyNanos;

    /**
     * @param timeout how long a look-up waits for the connection
     * @param stalled the connection is closed when there was no reply at all for this long
     * @param copy answers for what it knows, null for none
     */
    RedisCertificates(
            EventLoop loop,
            RedisLink link,
            RedisKeys keys,
            Duration timeout,
            Duration stalled,
            @Nullable StoreCopy copy) {
        this.copy = copy;
        this.loop = loop;
        this.link = link;
        this.keys = keys;
        this.timeoutNanos = timeout.toNanos();
        this.stalledNanos = stalled.toNanos();
    }

    @Override
    public void read(ServerName name, ReadCallback callback) {
        assert loop.inEventLoop();
        if (closed) {
            callback.unavailable(RedisLink.NOT_CONNECTED);
            return;
        }
        CertificateCopy.Both known = copy == null ? null : copy.certificates(name);
        if (known != null) {
            callback.found(known.exact(), known.wildcard());
            return;
        }
        resetWhenStalled();
        PendingCertificate pending = turn.get(name);
        if (pending == null) {
            if (unanswered >= MAX_UNANSWERED) {
                CertificateCopy.Both old = stale(name);
                if (old != null) {
                    callback.found(old.exact(), old.wildcard());
                    return;
                }
                troubles.report(TROUBLE, "it does not keep up");
                callback.unavailable("Redis does not keep up");
                return;
            }
            pending = begin(name);
        }
        pending.add(callback);
    }

    private PendingCertificate begin(ServerName name) {
        if (unanswered++ == 0) {
            lastReplyNanos = System.nanoTime();
        }
        PendingCertificate pending =
                new PendingCertificate(name, System.nanoTime() + timeoutNanos, this::answered, copy);
        if (!link.connected()) {
            expireLater(pending);
        } else if (turn.isEmpty()) {
            loop.execute(this::sendTurn);
        }
        if (stale(name) != null) {
            var unused = loop.schedule(() -> late(pending), PATIENCE_NANOS, TimeUnit.NANOSECONDS);
        }
        turn.put(name, pending);
        return pending;
    }

    /** The server hangs, or its reply is on its way: what is in memory is better than a handshake that fails. */
    private void late(PendingCertificate pending) {
        CertificateCopy.Both known = stale(pending.name());
        if (known != null) {
            pending.found(known);
        }
    }

    private CertificateCopy.@Nullable Both stale(ServerName name) {
        return copy == null ? null : copy.staleCertificates(name);
    }

    /** To be called for every new connection. */
    void connected() {
        lastReplyNanos = System.nanoTime();
        sendTurn();
    }

    /** What waits for a connection is answered from memory, where possible. */
    void storeIsAway() {
        for (PendingCertificate pending : List.copyOf(turn.values())) {
            CertificateCopy.Both known = copy == null ? null : copy.certificates(pending.name());
            if (known != null) {
                turn.remove(pending.name());
                unanswered--;
                pending.found(known);
            }
        }
    }

    /** Ends the look-ups that wait for the connection. */
    void close() {
        closed = true;
        takeTurn().values().forEach(this::end);
    }

    private Map<ServerName, PendingCertificate> takeTurn() {
        Map<ServerName, PendingCertificate> names = turn;
        turn = new LinkedHashMap<>();
        return names;
    }

    private void sendTurn() {
        if (!link.connected()) {
            turn.values().stream().findFirst().ifPresent(this::expireLater);
            return;
        }
        List<RedisCommand> commands = new ArrayList<>();
        takeTurn().values().forEach(pending -> commands.add(pending.command(link, keys)));
        link.write(commands);
    }

    /** Whether {@code pending} has its answer. One whose connection has ended is asked for again: that changes nothing. */
    private boolean answered(PendingCertificate pending) {
        String error = pending.error();
        boolean lost = RedisLink.LOST.equals(error);
        if (lost && !closed && pending.timesSent() < MAX_SENT && isInTime(pending)) {
            askAgain(pending);
            return false;
        }
        if (error != null && RedisCommand.isPassing(error) && !closed && isInTime(pending)) {
            lastReplyNanos = System.nanoTime();
            troubles.report(TROUBLE, error);
            awaitData(pending);
            return false;
        }
        unanswered--;
        if (lost) {
            // the link logs why
            late(pending);
            return true;
        }
        lastReplyNanos = System.nanoTime();
        if (error == null) {
            link.answered();
            troubles.recovered("Redis answers for certificates again");
        } else {
            troubles.report(TROUBLE, error);
        }
        return true;
    }

    /** Answers from memory, where possible, while the server has no data. Otherwise asks again a little later. */
    private void awaitData(PendingCertificate pending) {
        CertificateCopy.Both known = stale(pending.name());
        if (known != null) {
            unanswered--;
            pending.found(known);
        } else {
            var unused = loop.schedule(() -> askAgain(pending), PASSING_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void askAgain(PendingCertificate pending) {
        if (closed) {
            end(pending);
            return;
        }
        PendingCertificate other = turn.putIfAbsent(pending.name(), pending);
        if (other != null) {
            unanswered--;
            other.join(pending);
        } else if (link.connected()) {
            loop.execute(this::sendTurn);
        } else {
            expireLater(pending);
        }
    }

    private static boolean isInTime(PendingCertificate pending) {
        return pending.deadlineNanos() - System.nanoTime() > 0;
    }

    private void expireLater(PendingCertificate first) {
        if (!expiryScheduled) {
            expiryScheduled = true;
            var unused = loop.schedule(this::expire, first.deadlineNanos() - System.nanoTime(), TimeUnit.NANOSECONDS);
        }
    }

    /** Nobody waits any more for those that the connection was away for all of their time. */
    private void expire() {
        expiryScheduled = false;
        while (!turn.isEmpty()) {
            PendingCertificate first = turn.values().iterator().next();
            if (isInTime(first)) {
                expireLater(first);
                return;
            }
            turn.remove(first.name());
            end(first);
        }
    }

    private void end(PendingCertificate pending) {
        unanswered--;
        late(pending);
        pending.unavailable(RedisLink.NOT_CONNECTED);
    }

    private void resetWhenStalled() {
        if (unanswered > 0 && System.nanoTime() - lastReplyNanos > stalledNanos) {
            lastReplyNanos = System.nanoTime();
            link.reset("no answer any more");
        }
    }
}
