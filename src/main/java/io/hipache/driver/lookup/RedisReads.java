package io.hipache.driver.lookup;

import io.hipache.driver.lookup.RowsDecoder.Result;
import io.hipache.driver.redis.RedisKeys;
import io.hipache.driver.redis.RedisLink;
import io.hipache.driver.redis.Request;
import io.hipache.driver.redis.StateLog;
import io.hipache.driver.redis.TroubleLog;
import io.hipache.driver.redis.WireCommand;
import io.hipache.routing.Driver.ReadCallback;
import io.hipache.routing.Driver.Rows;
import io.hipache.routing.HostLookup;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The look-ups: those of one turn of the event loop leave together, as one command and one snapshot. Confined to the
 * loop.
 *
 * <p>Measured with four names per host, CPU of this process per look-up when 1, 8 and 64 leave together: pipelined
 * commands, which are no snapshot, 15, 5.4 and 4.1 µs; a transaction per turn 18, 6.5 and 4.4; a script per look-up 15,
 * 3.9 and 2.3; a script per turn, as here, 15, 3.0 and 1.2. Redis pays: 18, 7 and 5 µs of its own, pipelined 14, 4 and
 * 2.6.
 */
public final class RedisReads {

    private static final Logger LOG = LoggerFactory.getLogger(RedisReads.class);
    private static final String TROUBLE = "Redis cannot answer look-ups";

    /** Look-ups of one script, so that it holds Redis up for less than a millisecond. */
    private static final int BATCH = 64;

    /** Look-ups without an answer, also those given up; beyond it Redis is not asked any more. */
    private static final int MAX_UNANSWERED = 10_000;

    /** As many timeouts without any answer and the connection is given up. */
    public static final int STALLED = 5;

    private final EventLoop loop;
    private final RedisLink link;
    private final RedisKeys keys;
    private final long timeoutNanos;
    private final StateLog state = new StateLog(LOG, Duration.ofSeconds(1));
    private final TroubleLog hostTroubles = new TroubleLog(LOG, Duration.ofHours(1));
    private final ReadDeadlines deadlines;
    private List<PendingRead> turn = new ArrayList<>();
    private int unanswered;
    private long quietSince;
    private boolean scripts = true;
    private boolean refusalTold;

    public RedisReads(EventLoop loop, RedisLink link, RedisKeys keys, Duration timeout) {
        this.loop = loop;
        this.link = link;
        this.keys = keys;
        this.timeoutNanos = timeout.toNanos();
        this.deadlines = new ReadDeadlines(loop, this::overdue);
    }

    public void read(HostLookup lookup, ReadCallback callback) {
        if (!link.connected()) {
            callback.unavailable("Redis is not connected");
            return;
        }
        if (unanswered >= MAX_UNANSWERED) {
            giveUpWhenStalled();
            callback.unavailable("Redis does not keep up");
            return;
        }
        long now = System.nanoTime();
        if (unanswered++ == 0) {
            quietSince = now;
        }
        PendingRead read = new PendingRead(lookup, callback, now + timeoutNanos);
        deadlines.add(read);
        if (turn.isEmpty()) {
            loop.execute(this::sendTurn);
        }
        turn.add(read);
    }

    /** A new connection may be to another server. */
    public void connected() {
        scripts = true;
    }

    public void close() {
        deadlines.close("the driver is closed");
    }

    private void sendTurn() {
        List<PendingRead> reads = turn;
        turn = new ArrayList<>();
        for (int from = 0; from < reads.size(); from += BATCH) {
            send(reads.subList(from, Math.min(from + BATCH, reads.size())), false);
        }
    }

    private void send(List<PendingRead> reads, boolean wholeScript) {
        Batch batch = new Batch(reads, scripts, wholeScript);
        if (scripts) {
            link.write(new WireCommand(batch, new LookupReply(reads, batch.decoder)));
        } else {
            link.write(LookupTransaction.commands(keys, reads, batch.decoder, batch));
        }
    }

    /** Sends again what still waits for an answer; it keeps its deadline. */
    private void sendAgain(List<PendingRead> reads, boolean wholeScript) {
        List<PendingRead> waiting = reads.stream().filter(read -> !read.done()).toList();
        unanswered -= reads.size() - waiting.size();
        if (!waiting.isEmpty()) {
            send(waiting, wholeScript);
        }
    }

    private void deliver(PendingRead read, Result result) {
        Rows rows = result.rows();
        String error = result.error();
        if (error == null) {
            state.well("Redis answers look-ups again");
        } else {
            logTrouble(read.lookup().requestedHost(), error);
        }
        if (rows == null) {
            read.unavailable(String.valueOf(error));
        } else {
            read.rows(rows);
        }
    }

    private void logTrouble(String host, String error) {
        if (error.startsWith("WRONGTYPE")) {
            hostTroubles.log(host, host + ": its keys hold something else: " + error);
        } else {
            state.trouble(TROUBLE, error);
        }
    }

    private void refused(List<PendingRead> reads, String error) {
        state.trouble(TROUBLE, error);
        reads.forEach(read -> read.unavailable(error));
    }

    private void overdue() {
        state.trouble(TROUBLE, "no answer in time");
        giveUpWhenStalled();
    }

    private void giveUpWhenStalled() {
        if (unanswered > 0 && System.nanoTime() - quietSince > STALLED * timeoutNanos) {
            quietSince = System.nanoTime();
            link.reset("no answer any more");
        }
    }

    /** Whether the server does not run scripts at all, by its rules or because it does not know how. */
    private static boolean refusesScripts(String error) {
        return error.startsWith("NOPERM") || error.startsWith("ERR unknown command");
    }

    /** Look-ups that share one reply. */
    private final class Batch implements Request {

        private final List<PendingRead> reads;
        private final boolean script;
        private final boolean wholeScript;
        private final RowsDecoder decoder = new RowsDecoder();

        Batch(List<PendingRead> reads, boolean script, boolean wholeScript) {
            this.reads = reads;
            this.script = script;
            this.wholeScript = wholeScript;
        }

        @Override
        public void encode(ByteBuf out) {
            LookupScript.encode(out, keys, reads, wholeScript);
        }

        @Override
        public void answered(@Nullable String error) {
            quietSince = System.nanoTime();
            if (error != null && script && error.startsWith("NOSCRIPT") && !wholeScript) {
                sendAgain(reads, true);
            } else if (error != null && script && refusesScripts(error)) {
                scripts = false;
                if (!refusalTold) {
                    refusalTold = true;
                    LOG.warn("Redis refuses scripts, look-ups go on as transactions: {}", error);
                }
                sendAgain(reads, false);
            } else {
                refusalTold &= !script;
                unanswered -= reads.size();
                finish(error);
            }
            deadlines.forgetDone();
        }

        private void finish(@Nullable String error) {
            List<Result> results = decoder.results();
            if (error != null || results.size() != reads.size()) {
                refused(reads, error == null ? "the reply is not the one of a look-up" : error);
                return;
            }
            for (int i = 0; i < reads.size(); i++) {
                deliver(reads.get(i), results.get(i));
            }
        }

        /** The link has logged why. */
        @Override
        public void failed(Throwable cause) {
            unanswered -= reads.size();
            reads.forEach(read -> read.unavailable("the connection to Redis is lost"));
            deadlines.forgetDone();
        }
    }
}
