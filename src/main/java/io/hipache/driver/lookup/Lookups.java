package io.hipache.driver.lookup;

import io.hipache.driver.lookup.RowsDecoder.Result;
import io.hipache.driver.redis.PlainCommand;
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
import java.util.ArrayDeque;
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

    /** What may wait for those replies: the names of the look-ups, and the heads of the requests. */
    private static final long MAX_WAITING_BYTES = 24 << 20;

    /** Look-ups of large frontends that wait for their turn. They must not use up what all look-ups share. */
    private static final int MAX_LATER = 1_000;

    /** The connection is closed when there was no reply at all for this many times the timeout of a look-up. */
    public static final int STALLED = 5;

    private final EventLoop loop;
    private final RedisLink link;
    private final RedisKeys keys;
    private final LookupBounds bounds;
    private final long timeoutNanos;
    private final TroubleLog troubles = new TroubleLog(LOG, Duration.ofSeconds(1));
    private final PendingLookup.Deadlines deadlines;
    private List<PendingLookup> turn = new ArrayList<>();
    private final ArrayDeque<PendingLookup> later = new ArrayDeque<>();
    /** Whether a reply is on its way that may hold large lists. There is one at a time, so that others wait for one at most. */
    private boolean largeUnderWay;

    private int unanswered;
    private long waitingBytes;
    private long lastReplyNanos;
    private boolean scripts = true;
    private boolean scriptRefusalLogged;
    private boolean refused;

    public Lookups(EventLoop loop, RedisLink link, RedisKeys keys, LookupBounds bounds, Duration timeout) {
        this.loop = loop;
        this.link = link;
        this.keys = keys;
        this.bounds = bounds;
        this.timeoutNanos = timeout.toNanos();
        this.deadlines = new PendingLookup.Deadlines(loop, this::timedOut);
    }

    /** Adds a look-up to those that leave at the end of this turn of the loop. */
    public void read(HostLookup lookup, ReadCallback callback) {
        if (!link.connected()) {
            callback.unavailable("Redis is not connected");
            return;
        }
        if (unanswered >= MAX_UNANSWERED || waitingBytes >= MAX_WAITING_BYTES) {
            resetWhenStalled();
            callback.unavailable("Redis does not keep up");
            return;
        }
        long now = System.nanoTime();
        if (unanswered++ == 0) {
            lastReplyNanos = now;
        }
        PendingLookup pending = new PendingLookup(lookup, callback, now + timeoutNanos);
        waitingBytes += pending.bytes();
        deadlines.add(pending);
        if (turn.isEmpty()) {
            loop.execute(this::sendTurn);
        }
        turn.add(pending);
    }

    private void sendTurn() {
        List<PendingLookup> lookups = turn;
        turn = new ArrayList<>();
        if (lookups.size() > 1) {
            lookups = PendingLookup.joined(lookups);
        }
        for (int from = 0; from < lookups.size(); from += BATCH) {
            send(lookups.subList(from, Math.min(from + BATCH, lookups.size())), false);
        }
    }

    private void send(List<PendingLookup> lookups, boolean withSource) {
        Batch batch = new Batch(lookups, scripts, withSource, !largeUnderWay);
        largeUnderWay = true;
        if (scripts) {
            link.write(batch);
        } else {
            link.write(new Measures(lookups, batch).commands());
        }
    }

    /** Sends look-ups again that had to wait. Those that need the same list share it. */
    private void sendLater() {
        if (largeUnderWay || later.isEmpty()) {
            return;
        }
        List<PendingLookup> lookups = new ArrayList<>();
        while (lookups.size() < BATCH && !later.isEmpty()) {
            PendingLookup next = later.remove();
            if (next.done()) {
                ended(next);
            } else {
                lookups.add(next);
            }
        }
        if (!lookups.isEmpty()) {
            send(lookups, false);
        }
    }

    /** There is no reply to wait for any more. */
    private void ended(PendingLookup pending) {
        unanswered -= pending.count();
        waitingBytes -= pending.bytes();
    }

    /** The sizes of what a batch would read, where scripts are refused. */
    private final class Measures {

        private final Batch batch;
        private final List<LookupMeasure> measures = new ArrayList<>();

        Measures(List<PendingLookup> lookups, Batch batch) {
            this.batch = batch;
            lookups.forEach(lookup -> measures.add(new LookupMeasure(lookup, bounds)));
        }

        List<RedisCommand> commands() {
            List<RedisCommand> commands = new ArrayList<>();
            measures.forEach(measure -> measure.addTo(commands, keys));
            commands.add(new PlainCommand(this::measured, "PING"));
            return commands;
        }

        /** The reply to the last command is here, and so are all of them. */
        private void measured(@Nullable String value, @Nullable String error) {
            lastReplyNanos = System.nanoTime();
            List<LookupMeasure> toRead = new ArrayList<>();
            long largeBytes = batch.largeToo ? bounds.largeBytes() : 0;
            for (LookupMeasure measure : measures) {
                Result known = measure.known();
                boolean large = measure.bytes() > LookupBounds.SMALL_BYTES;
                if (known != null) {
                    deliver(measure.pending(), known);
                } else if (large && measure.bytes() > largeBytes) {
                    deliver(measure.pending(), RowsDecoder.LATER);
                } else {
                    largeBytes -= large ? measure.bytes() : 0;
                    toRead.add(measure);
                }
            }
            List<PendingLookup> reading =
                    toRead.stream().map(LookupMeasure::pending).toList();
            Batch transaction = new Batch(reading, false, false, batch.largeToo);
            if (toRead.isEmpty()) {
                transaction.answered(null);
            } else {
                link.write(LookupTransaction.commands(keys, bounds, toRead, transaction.decoder, transaction));
            }
        }
    }

    /** The look-ups of one script or one transaction. They share one reply. */
    private final class Batch implements RedisCommand {

        private final List<PendingLookup> lookups;
        private final boolean script;
        private final boolean withSource;
        private final boolean largeToo;
        private final RowsDecoder decoder = new RowsDecoder();

        Batch(List<PendingLookup> lookups, boolean script, boolean withSource, boolean largeToo) {
            this.lookups = lookups;
            this.script = script;
            this.withSource = withSource;
            this.largeToo = largeToo;
        }

        @Override
        public void encode(ByteBuf out) {
            int largeBytes = largeToo ? bounds.largeBytes() : 0;
            LookupScript.encode(out, keys, bounds, lookups, largeBytes, withSource);
        }

        @Override
        public CommandOutput<String, String, Void> output() {
            return new LookupScript.Reply(lookups, decoder);
        }

        @Override
        public void answered(@Nullable String error) {
            lastReplyNanos = System.nanoTime();
            largeUnderWay &= !largeToo;
            if (error != null && script && error.startsWith("NOSCRIPT") && !withSource) {
                sendAgain(lookups, true);
            } else if (error != null && script && RedisCommand.isRefusal(error)) {
                scripts = false;
                if (!scriptRefusalLogged) {
                    scriptRefusalLogged = true;
                    LOG.warn(
                            "Redis refuses scripts or a command in them, look-ups go on as transactions; grant the rights"
                                    + " that README.md lists: {}",
                            error);
                }
                sendAgain(lookups, false);
            } else {
                scriptRefusalLogged &= !script;
                deliver(error);
            }
            deadlines.forgetDone();
            sendLater();
        }

        private void deliver(@Nullable String error) {
            List<Result> results = decoder.results();
            refused = error != null;
            if (error != null || results.size() != lookups.size()) {
                String reason = error == null ? "the reply is not the one of a look-up" : error;
                troubles.report(TROUBLE, reason);
                end(reason);
                return;
            }
            for (int i = 0; i < lookups.size(); i++) {
                Lookups.this.deliver(lookups.get(i), results.get(i));
            }
        }

        /** The link logs why. */
        @Override
        public void failed(Throwable cause) {
            largeUnderWay &= !largeToo;
            end("the connection to Redis is lost");
            deadlines.forgetDone();
            sendLater();
        }

        private void end(String reason) {
            lookups.forEach(Lookups.this::ended);
            lookups.forEach(lookup -> lookup.unavailable(reason));
        }
    }

    private void deliver(PendingLookup pending, Result result) {
        if (result.isLater() && later.size() < MAX_LATER) {
            later.add(pending);
            return;
        }
        ended(pending);
        String error = result.error();
        Rows rows = result.rows();
        if (result.isLater()) {
            pending.unavailable("too many look-ups of large frontends wait");
        } else if (error == null) {
            troubles.recovered("Redis answers look-ups again");
        } else {
            report(pending.lookup(), result, error);
        }
        if (rows != null) {
            pending.rows(rows);
        } else if (result.isTooLarge()) {
            pending.tooLarge();
        } else {
            pending.unavailable(String.valueOf(error));
        }
    }

    /** Trouble with what the store holds is logged once for each key. Clients may invent any number of hosts for one key. */
    private void report(HostLookup lookup, Result result, String error) {
        String host = lookup.requestedHost();
        String subject =
                result.unreadable() == null ? deadSets(lookup, result.rows()) : keys.frontend(result.unreadable());
        if (result.isTooLarge()) {
            troubles.reportSubject(subject, host + ": " + tooLarge(lookup, result));
        } else if (error.startsWith("WRONGTYPE")) {
            troubles.reportSubject(subject, host + ": " + wrongType(lookup, result) + ": " + error);
        } else {
            troubles.report(TROUBLE, error);
        }
    }

    private String tooLarge(HostLookup lookup, Result result) {
        if (result.unreadable() == null) {
            return "all its backends count as alive, because the Redis key " + deadSets(lookup, result.rows())
                    + " holds more than indexes; delete it";
        }
        return "cannot be routed, because the Redis key " + keys.frontend(result.unreadable())
                + " is too large: it may have "
                + bounds.maxBackends() + " backends, and take " + bounds.bytes()
                + " bytes; shorten it, or raise server.maxBackends";
    }

    private String wrongType(HostLookup lookup, Result result) {
        if (result.unreadable() == null) {
            return "all its backends count as alive, because the Redis key " + deadSets(lookup, result.rows())
                    + " is not a set; delete it";
        }
        return "cannot be routed, because the Redis key " + keys.frontend(result.unreadable())
                + " is not a list; delete it or write it again";
    }

    /** The dead sets that count for what was found, for the log. */
    private String deadSets(HostLookup lookup, @Nullable Rows rows) {
        String name = rows == null ? null : rows.name();
        String deadSet = keys.dead(name == null ? lookup.requestedHost() : lookup.deadHost(name));
        boolean twoSets = lookup.matchedKey() && name != null && name.startsWith("*");
        return twoSets ? keys.dead(lookup.requestedHost()) + " or " + deadSet : deadSet;
    }

    /** Sends the look-ups again that have no answer yet. They keep their deadlines. */
    private void sendAgain(List<PendingLookup> lookups, boolean withSource) {
        List<PendingLookup> waiting = new ArrayList<>();
        for (PendingLookup lookup : lookups) {
            if (lookup.done()) {
                ended(lookup);
            } else {
                waiting.add(lookup);
            }
        }
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

    /** Whether the server's last answer was an error that concerns every look-up, such as a right that is missing. */
    public boolean refused() {
        return refused;
    }

    /** To be called for every new connection: it may be to another server, which may allow scripts. */
    public void connected() {
        scripts = true;
        refused = false;
    }

    /** Ends all look-ups as unavailable. */
    public void close() {
        deadlines.close("the driver is closed");
    }
}
