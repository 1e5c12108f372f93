package io.hipache.driver;

import io.hipache.certificates.CertificateStore;
import io.hipache.certificates.ServerName;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks up certificates in hashes as planb reads and tsuru writes them: {@code tls:<name>} with the fields
 * {@code certificate} and {@code key}. All look-ups of one turn of the event loop leave together, each name once. They have
 * no timeout here: the caller has a handshake to continue and gives up by itself. Confined to the loop.
 */
final class RedisCertificates implements CertificateStore {

    private static final Logger LOG = LoggerFactory.getLogger(RedisCertificates.class);
    private static final String TROUBLE = "Redis cannot answer for certificates";

    /** Names without a reply. With so many, further look-ups fail without asking Redis. */
    private static final int MAX_UNANSWERED = 1_000;

    private final EventLoop loop;
    private final RedisLink link;
    private final RedisKeys keys;
    private final long stalledNanos;
    private final TroubleLog troubles = new TroubleLog(LOG, Duration.ofSeconds(1));
    private Map<ServerName, PendingCertificate> turn = new LinkedHashMap<>();
    private int unanswered;
    private long lastReplyNanos;

    /** @param stalled the connection is closed when there was no reply at all for this long */
    RedisCertificates(EventLoop loop, RedisLink link, RedisKeys keys, Duration stalled) {
        this.loop = loop;
        this.link = link;
        this.keys = keys;
        this.stalledNanos = stalled.toNanos();
    }

    @Override
    public void read(ServerName name, ReadCallback callback) {
        assert loop.inEventLoop();
        if (!link.connected()) {
            callback.unavailable("Redis is not connected");
            return;
        }
        resetWhenStalled();
        PendingCertificate pending = turn.get(name);
        if (pending == null) {
            if (unanswered >= MAX_UNANSWERED) {
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
        PendingCertificate pending = new PendingCertificate(this::answered);
        if (turn.isEmpty()) {
            loop.execute(this::sendTurn);
        }
        turn.put(name, pending);
        return pending;
    }

    private void sendTurn() {
        Map<ServerName, PendingCertificate> names = turn;
        turn = new LinkedHashMap<>();
        List<RedisCommand> commands = new ArrayList<>();
        names.forEach((name, pending) -> commands.addAll(pending.commands(link, keys, name)));
        link.write(commands);
    }

    private void answered(PendingCertificate pending) {
        unanswered--;
        lastReplyNanos = System.nanoTime();
        String error = pending.error();
        if (error == null) {
            troubles.recovered("Redis answers for certificates again");
        } else if (link.connected()) {
            // when the connection is lost, the link logs why
            troubles.report(TROUBLE, error);
        }
    }

    private void resetWhenStalled() {
        if (unanswered > 0 && System.nanoTime() - lastReplyNanos > stalledNanos) {
            lastReplyNanos = System.nanoTime();
            link.reset("no answer any more");
        }
    }
}
