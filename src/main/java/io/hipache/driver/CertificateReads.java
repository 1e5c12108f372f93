package io.hipache.driver;

import io.hipache.certificates.CertificateStore;
import io.hipache.certificates.ServerName;
import io.hipache.driver.redis.RedisKeys;
import io.hipache.driver.redis.RedisLink;
import io.hipache.driver.redis.StateLog;
import io.hipache.driver.redis.WireCommand;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The look-ups of certificates, in hashes such as planb reads and tsuru writes them: {@code tls:<name>} with the fields
 * {@code certificate} and {@code key}. Those of one turn of the event loop leave together, each name once. Nobody here
 * waits for an answer: whoever asks has a handshake to get on with, and knows for how long. Confined to the loop.
 */
final class CertificateReads implements CertificateStore {

    private static final Logger LOG = LoggerFactory.getLogger(CertificateReads.class);
    private static final String TROUBLE = "Redis cannot answer for certificates";

    /** Names without an answer; beyond it Redis is not asked any more. */
    private static final int MAX_UNANSWERED = 1_000;

    private final EventLoop loop;
    private final RedisLink link;
    private final RedisKeys keys;
    private final long stalledNanos;
    private final StateLog state = new StateLog(LOG, Duration.ofSeconds(1));
    private Map<ServerName, CertificateRead> turn = new LinkedHashMap<>();
    private int unanswered;
    private long quietSince;

    /** @param stalled as long without any answer and the connection is given up */
    CertificateReads(EventLoop loop, RedisLink link, RedisKeys keys, Duration stalled) {
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
        giveUpWhenStalled();
        CertificateRead read = turn.get(name);
        if (read == null) {
            if (unanswered >= MAX_UNANSWERED) {
                state.trouble(TROUBLE, "it does not keep up");
                callback.unavailable("Redis does not keep up");
                return;
            }
            read = begin(name);
        }
        read.add(callback);
    }

    private CertificateRead begin(ServerName name) {
        if (unanswered++ == 0) {
            quietSince = System.nanoTime();
        }
        CertificateRead read = new CertificateRead(this::answered);
        if (turn.isEmpty()) {
            loop.execute(this::sendTurn);
        }
        turn.put(name, read);
        return read;
    }

    private void sendTurn() {
        Map<ServerName, CertificateRead> reads = turn;
        turn = new LinkedHashMap<>();
        List<WireCommand> commands = new ArrayList<>();
        reads.forEach((name, read) -> commands.addAll(read.commands(keys, name)));
        link.write(commands);
    }

    private void answered(CertificateRead read) {
        unanswered--;
        quietSince = System.nanoTime();
        String error = read.error();
        if (error == null) {
            state.well("Redis answers for certificates again");
        } else if (link.connected()) {
            // else the link has logged why
            state.trouble(TROUBLE, error);
        }
    }

    private void giveUpWhenStalled() {
        if (unanswered > 0 && System.nanoTime() - quietSince > stalledNanos) {
            quietSince = System.nanoTime();
            link.reset("no answer any more");
        }
    }
}
