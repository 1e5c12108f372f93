package io.hipache.driver.lookup;

import io.hipache.driver.lookup.RowsDecoder.Result;
import io.hipache.driver.redis.RedisCommand;
import io.hipache.driver.redis.RedisKeys;
import io.hipache.driver.redis.RedisLink;
import io.hipache.driver.redis.TroubleLog;
import io.hipache.routing.Driver.ReadCallback;
import io.hipache.routing.Driver.Rows;
import io.hipache.routing.HostLookup;
import io.lettuce.core.output.CommandOutput;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks up frontends. All look-ups of one turn of the event loop leave together, as one command that reads one snapshot.
 * Confined to the loop.
 *
 * <p>Measured with four names per host, CPU of this process per look-up when 1, 8 and 64 leave together: pipelined
 * commands, which are no snapshot, 15, 5.4 and 4.1 µs; a transaction per turn 18, 6.5 and 4.4; a script per look-up 15,
 * 3.9 and 2.3; a script per turn, as here, 15, 3.0 and 1.2. Redis itself needs 18, 7 and 5 µs for the script, and 14, 4 and
 * 2.6 µs for pipelined commands.
 */
public final class Lookups {

    private static final Logger LOG = LoggerFactory.getLogger(Lookups.class);
    private static final String TROUBLE = "Redis cannot answer look-ups";

    /** Look-ups in one script. With so many, it keeps other clients of Redis waiting for less than a millisecond. */
    private static final int BATCH = 64;

    /** Look-ups without a reply, also those that timed out. With so many, further ones fail without asking Redis. */
    private static final int MAX_UNANSWERED = 10_000;

    /** The connection is closed when there was no reply at all for this many times the timeout of a look-up. */
    public static final int STALLED = 5;

    private final EventLoop loop;
    private final RedisLink link;
    private final RedisKeys keys;
    private final long timeoutNanos;
    private final TroubleLog troubles = new TroubleLog(LOG, Duration.ofSeconds(1));
    private final PendingLookup.Deadlines deadlines;
    private List<PendingLookup> turn = new ArrayList<>();
    private int unanswered;
    private long lastReplyNanos;
    private boolean scripts = true;
    private boolean scriptRefusalLogged;

    public Lookups(EventLoop loop, RedisLink link, RedisKeys keys, Duration timeout) {
        this.loop = loop;
        this.link = link;
        this.keys = keys;
        this.timeoutNanos = timeout.toNanos();
        this.deadlines = new PendingLookup.Deadlines(loop, this::timedOut);
    }

    /** Adds a look-up to those that leave at the end of this turn of the loop. */
    public void read(HostLookup lookup, ReadCallback callback) {
        if (!link.connected()) {
            callback.unavailable("Redis is not connected");
            return;
        }
        if (unanswered >= MAX_UNANSWERED) {
            resetWhenStalled();
            callback.unavailable("Redis does not keep up");
            return;
        }
        long now = System.nanoTime();
        if (unanswered++ == 0) {
            lastReplyNanos = now;
        }
        PendingLookup pending = new PendingLookup(lookup, callback, now + timeoutNanos);
        deadlines.add(pending);
        if (turn.isEmpty()) {
            loop.execute(this::sendTurn);
        }
        turn.add(pending);
    }

    private void sendTurn() {
        List<PendingLookup> lookups = turn;
        turn = new ArrayList<>();
        for (int from = 0; from < lookups.size(); from += BATCH) {
            send(lookups.subList(from, Math.min(from + BATCH, lookups.size())), false);
        }
    }

    private void send(List<PendingLookup> lookups, boolean withSource) {
        Batch batch = new Batch(lookups, scripts, withSource);
        if (scripts) {
            link.write(batch);
        } else {
            link.write(LookupTransaction.commands(keys, lookups, batch.decoder, batch));
        }
    }

    /** The look-ups of one script or one transaction. They share one reply. */
    private final class Batch implements RedisCommand {

        private final List<PendingLookup> lookups;
        private final boolean script;
        private final boolean withSource;
        private final RowsDecoder decoder = new RowsDecoder();

        Batch(List<PendingLookup> lookups, boolean script, boolean withSource) {
            this.lookups = lookups;
            this.script = script;
            this.withSource = withSource;
        }

        @Override
        public void encode(ByteBuf out) {
            LookupScript.encode(out, keys, lookups, withSource);
        }

        @Override
        public CommandOutput<String, String, Void> output() {
            return new LookupScript.Reply(lookups, decoder);
        }

        @Override
        public void answered(@Nullable String error) {
            lastReplyNanos = System.nanoTime();
            if (error != null && script && error.startsWith("NOSCRIPT") && !withSource) {
                sendAgain(lookups, true);
            } else if (error != null && script && refusesScripts(error)) {
                scripts = false;
                if (!scriptRefusalLogged) {
                    scriptRefusalLogged = true;
                    LOG.warn("Redis refuses scripts, look-ups go on as transactions: {}", error);
                }
                sendAgain(lookups, false);
            } else {
                scriptRefusalLogged &= !script;
                unanswered -= lookups.size();
                deliver(error);
            }
            deadlines.forgetDone();
        }

        private void deliver(@Nullable String error) {
            List<Result> results = decoder.results();
            if (error != null || results.size() != lookups.size()) {
                String reason = error == null ? "the reply is not the one of a look-up" : error;
                troubles.report(TROUBLE, reason);
                lookups.forEach(lookup -> lookup.unavailable(reason));
                return;
            }
            for (int i = 0; i < lookups.size(); i++) {
                Lookups.this.deliver(lookups.get(i), results.get(i));
            }
        }

        /** The link logs why. */
        @Override
        public void failed(Throwable cause) {
            unanswered -= lookups.size();
            lookups.forEach(lookup -> lookup.unavailable("the connection to Redis is lost"));
            deadlines.forgetDone();
        }
    }

    private void deliver(PendingLookup pending, Result result) {
        String error = result.error();
        if (error == null) {
            troubles.recovered("Redis answers look-ups again");
        } else {
            report(pending.lookup(), result, error);
        }
        if (result.rows() == null) {
            pending.unavailable(String.valueOf(error));
        } else {
            pending.rows(result.rows());
        }
    }

    private void report(HostLookup lookup, Result result, String error) {
        if (error.startsWith("WRONGTYPE")) {
            String host = lookup.requestedHost();
            troubles.reportSubject(host, host + ": " + wrongType(lookup, result) + ": " + error);
        } else {
            troubles.report(TROUBLE, error);
        }
    }

    private String wrongType(HostLookup lookup, Result result) {
        Rows rows = result.rows();
        if (rows == null) {
            return "cannot be routed, because the Redis key " + keys.frontend(String.valueOf(result.unreadable()))
                    + " is not a list; delete it or write it again";
        }
        String name = String.valueOf(rows.name());
        String deadSet = keys.dead(lookup.deadHost(name));
        boolean twoSets = lookup.matchedKey() && name.startsWith("*");
        return "all its backends count as alive, because the Redis key "
                + (twoSets ? keys.dead(lookup.requestedHost()) + " or " + deadSet : deadSet)
                + " is not a set; delete it";
    }

    /** Whether the server runs no scripts at all, because an ACL forbids them or because it does not know the command. */
    private static boolean refusesScripts(String error) {
        return error.startsWith("NOPERM") || error.startsWith("ERR unknown command");
    }

    /** Sends the look-ups again that have no answer yet. They keep their deadlines. */
    private void sendAgain(List<PendingLookup> lookups, boolean withSource) {
        List<PendingLookup> waiting =
                lookups.stream().filter(lookup -> !lookup.done()).toList();
        unanswered -= lookups.size() - waiting.size();
        if (!waiting.isEmpty()) {
            send(waiting, withSource);
        }
    }

    private void timedOut() {
        troubles.report(TROUBLE, "no answer in time");
        resetWhenStalled();
    }

    private void resetWhenStalled() {
        if (unanswered > 0 && System.nanoTime() - lastReplyNanos > STALLED * timeoutNanos) {
            lastReplyNanos = System.nanoTime();
            link.reset("no answer any more");
        }
    }

    /** To be called for every new connection: it may be to another server, which may allow scripts. */
    public void connected() {
        scripts = true;
    }

    /** Ends all look-ups as unavailable. */
    public void close() {
        deadlines.close("the driver is closed");
    }
}
