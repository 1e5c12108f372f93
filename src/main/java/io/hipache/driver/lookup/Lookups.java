package io.hipache.driver.lookup;

import io.hipache.driver.lookup.RowsDecoder.Result;
import io.hipache.driver.redis.OversizedReplyException;
import io.hipache.driver.redis.RedisCommand;
import io.hipache.driver.redis.RedisKeys;
import io.hipache.driver.redis.RedisLink;
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
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

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

    /** Look-ups in one script. With so many, it keeps other clients of Redis waiting for less than a millisecond. */
    private static final int BATCH = 64;

    /** Look-ups of large frontends that wait for their turn. They must not use up what all look-ups share. */
    private static final int MAX_LATER = 1_000;

    /** How often a look-up is sent when each connection ends before its reply. */
    private static final int MAX_SENT = 3;

    /** A pause before look-ups are sent again to a server that is loading its data. */
    private static final long PASSING_MILLIS = 50;

    /** Instead of a connection, where commands are no snapshot: a change may have been told between them. */
    private static final int UNTOLD = -1;

    private static final String CLOSED = "the driver is closed";

    /** The connection is closed when there was no reply at all for this many times the timeout of a look-up. */
    public static final int STALLED = 5;

    private final EventLoop loop;
    private final RedisLink link;
    private final RedisKeys keys;
    private final LookupBounds bounds;
    private final long timeoutNanos;
    private final @Nullable LookupObserver observer;
    private final LookupTroubles troubles;
    private final PendingLookup.Deadlines deadlines;
    private List<PendingLookup> turn = new ArrayList<>();
    private final LookupQueue queue = new LookupQueue();

    private final ArrayDeque<PendingLookup> later = new ArrayDeque<>();
    /** Whether a reply is on its way that may hold large lists. There is one at a time, so that others wait for one at most. */
    private boolean largeUnderWay;

    private boolean waitingScheduled;
    /** What the server says that keeps the waiting look-ups from their answers, null when it says nothing. */
    private @Nullable String passing;

    private boolean closed;
    private long lastReplyNanos;
    private boolean scripts = true;
    private final LookupRefusal refusal = new LookupRefusal();

    /** @param observer hears what Redis answers, null for none */
    public Lookups(
            EventLoop loop,
            RedisLink link,
            RedisKeys keys,
            LookupBounds bounds,
            Duration timeout,
            @Nullable LookupObserver observer) {
        this.observer = observer;
        this.loop = loop;
        this.link = link;
        this.keys = keys;
        this.bounds = bounds;
        this.timeoutNanos = timeout.toNanos();
        this.troubles = new LookupTroubles(keys, bounds);
        this.deadlines = new PendingLookup.Deadlines(loop, this::noAnswer, this::timedOut);
    }

    /** Adds a look-up to those that leave at the end of this turn of the loop, or when the connection is back. */
    public void read(HostLookup lookup, ReadCallback callback) {
        if (closed) {
            callback.unavailable(CLOSED);
            return;
        }
        if (!queue.hasRoom()) {
            resetWhenStalled();
            callback.unavailable(link.connected() ? "Redis does not keep up" : RedisLink.NOT_CONNECTED);
            return;
        }
        long now = System.nanoTime();
        if (queue.isEmpty()) {
            lastReplyNanos = now;
        }
        PendingLookup pending = new PendingLookup(lookup, callback, now + timeoutNanos);
        queue.begun(pending);
        deadlines.add(pending);
        if (!link.connected()) {
            queue.await(pending);
            return;
        }
        if (turn.isEmpty()) {
            loop.execute(this::sendTurn);
        }
        turn.add(pending);
    }

    private void sendTurn() {
        List<PendingLookup> lookups = turn;
        turn = new ArrayList<>();
        sendAll(lookups);
    }

    private void sendAll(List<PendingLookup> all) {
        List<PendingLookup> lookups = all.size() > 1 ? PendingLookup.joined(all) : all;
        for (int from = 0; from < lookups.size(); from += BATCH) {
            send(lookups.subList(from, Math.min(from + BATCH, lookups.size())), false);
        }
    }

    private void send(List<PendingLookup> lookups, boolean withSource) {
        lookups.forEach(PendingLookup::sent);
        Batch batch = new Batch(lookups, scripts, withSource, !largeUnderWay);
        largeUnderWay = true;
        if (scripts) {
            link.write(batch);
        } else {
            measure(batch);
        }
    }

    /** Sends the look-ups that have waited for the connection, or for the server to load its data. */
    private void sendWaiting() {
        waitingScheduled = false;
        if (link.connected()) {
            sendAll(queue.takeWaiting(lookup -> true));
        }
    }

    /** Sends look-ups again that had to wait for their turn. Those that need the same list share it. */
    private void sendLater() {
        if (largeUnderWay || later.isEmpty()) {
            return;
        }
        List<PendingLookup> lookups = new ArrayList<>();
        while (lookups.size() < BATCH && !later.isEmpty()) {
            PendingLookup next = later.remove();
            if (!queue.dropDone(next)) {
                lookups.add(next);
            }
        }
        if (!lookups.isEmpty()) {
            send(lookups, false);
        }
    }

    /** Where scripts are refused, the sizes of what a batch would read are asked for first. */
    private void measure(Batch batch) {
        List<LookupMeasure> measures = LookupMeasure.of(batch.lookups, bounds);
        link.write(LookupMeasure.commands(measures, keys, () -> measured(measures, batch)));
    }

    private void measured(List<LookupMeasure> measures, Batch batch) {
        lastReplyNanos = System.nanoTime();
        List<LookupMeasure> toRead =
                LookupMeasure.toRead(measures, batch.largeToo ? bounds.largeBytes() : 0, batch::deliver);
        List<PendingLookup> reading =
                toRead.stream().map(LookupMeasure::pending).toList();
        Batch transaction = new Batch(reading, false, false, batch.largeToo);
        if (toRead.isEmpty()) {
            transaction.answered(null);
        } else {
            link.write(LookupTransaction.commands(keys, bounds, toRead, transaction.decoder, transaction));
        }
    }

    /** The look-ups of one script or one transaction. They share one reply. */
    private final class Batch implements RedisCommand {

        private final List<PendingLookup> lookups;
        private final boolean script;
        private final boolean withSource;
        private final boolean largeToo;
        private final int connection = link.number();
        private final long sentNanos = observer == null ? 0 : System.nanoTime();
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
            LookupScript.encode(out, keys, bounds, lookups, largeBytes, observer != null, withSource);
        }

        @Override
        public CommandOutput<String, String, Void> output() {
            return new LookupReply(lookups, decoder, observer != null);
        }

        @Override
        public void answered(@Nullable String error) {
            lastReplyNanos = System.nanoTime();
            link.answered();
            largeUnderWay &= !largeToo;
            boolean wasBusy = isServerBusy();
            passing = error != null && RedisCommand.isPassing(error) ? error : null;
            if (passing != null) {
                refusal.passing();
                troubles.report(passing);
                lookups.forEach(queue::await);
                sendWaitingLater();
                if (observer != null && !wasBusy) {
                    observer.serverIsBusy();
                }
            } else if (error != null && script && error.startsWith("NOSCRIPT") && !withSource) {
                sendAgain(lookups, true);
            } else if (error != null && script && RedisCommand.isRefusal(error)) {
                scripts = false;
                troubles.reportScriptRefusal(error);
                sendAgain(lookups, false);
            } else {
                if (script) {
                    troubles.scriptRan();
                }
                deliver(error);
            }
            deadlines.forgetDone();
            sendLater();
        }

        private void deliver(@Nullable String error) {
            List<Result> results = decoder.results();
            refusal.answered(error, lookups, results);
            if (error != null || results.size() != lookups.size()) {
                String reason = error == null ? "the reply is not the one of a look-up" : error;
                troubles.report(reason);
                lookups.forEach(queue::ended);
                lookups.forEach(lookup -> lookup.unavailable(reason));
                return;
            }
            for (int i = 0; i < lookups.size(); i++) {
                deliver(lookups.get(i), results.get(i));
            }
        }

        private void deliver(PendingLookup pending, Result result) {
            Rows rows = result.rows();
            if (observer != null && rows != null) {
                rows = observer.learned(
                        pending.lookup(), rows, result.marks(), script ? connection : UNTOLD, sentNanos);
            }
            Lookups.this.deliver(pending, result, rows);
        }

        /** The link logs why. A look-up that may itself be what ends each connection is not sent for ever. */
        @Override
        public void failed(Throwable cause) {
            largeUnderWay &= !largeToo;
            for (PendingLookup lookup : lookups) {
                if (closed || cause instanceof OversizedReplyException || lookup.timesSent() >= MAX_SENT) {
                    queue.ended(lookup);
                    lookup.unavailable(RedisLink.LOST);
                } else {
                    // to be asked again: a look-up changes nothing
                    queue.await(lookup);
                }
            }
            deadlines.forgetDone();
            if (connection != link.number()) {
                // there is another connection already, which has not seen these
                sendWaiting();
            }
            sendLater();
        }
    }

    private void deliver(PendingLookup pending, Result result, @Nullable Rows rows) {
        if (result.isLater() && later.size() < MAX_LATER) {
            later.add(pending);
            return;
        }
        queue.ended(pending);
        String error = result.error();
        if (result.isLater()) {
            pending.unavailable("too many look-ups of large frontends wait");
        } else if (error == null) {
            troubles.recovered();
        } else {
            troubles.report(pending.lookup(), result, error);
        }
        if (rows != null) {
            pending.rows(rows);
        } else if (result.isTooLarge()) {
            pending.tooLarge();
        } else if (result.isWrongType()) {
            pending.wrongType();
        } else {
            pending.unavailable(String.valueOf(error));
        }
    }

    /** Sends the look-ups again that have no answer yet. They keep their deadlines. */
    private void sendAgain(List<PendingLookup> lookups, boolean withSource) {
        List<PendingLookup> undone = new ArrayList<>(lookups);
        undone.removeIf(queue::dropDone);
        if (!undone.isEmpty()) {
            send(undone, withSource);
        }
    }

    private void sendWaitingLater() {
        if (!waitingScheduled) {
            waitingScheduled = true;
            var unused = loop.schedule(this::sendWaiting, PASSING_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private String noAnswer() {
        if (!link.connected()) {
            return RedisLink.NOT_CONNECTED;
        }
        return passing == null ? "Redis did not answer in time" : passing;
    }

    private void timedOut() {
        queue.dropWaited();
        if (link.connected()) {
            troubles.report(passing == null ? "no answer in time" : passing);
            resetWhenStalled();
        }
    }

    private void resetWhenStalled() {
        if (!queue.isEmpty() && System.nanoTime() - lastReplyNanos > STALLED * timeoutNanos) {
            lastReplyNanos = System.nanoTime();
            link.reset("no answer any more");
        }
    }

    /** Whether the server's last answer was an error that concerns every look-up, such as a right that is missing. */
    public boolean refused() {
        return refusal.isThere();
    }

    /** To be called for every new connection: it may be to another server, which may allow scripts. */
    public void connected() {
        scripts = true;
        refusal.connected();
        passing = null;
        lastReplyNanos = System.nanoTime();
        sendWaiting();
    }

    /** Whether the server is there and has no data yet, or not again. */
    public boolean isServerBusy() {
        return passing != null;
    }

    /** To be called when the server has done something else than to say that it has no data. */
    public void serverIsNotBusy() {
        passing = null;
    }

    /**
     * Ends those look-ups as unavailable that wait for a connection or for a reply.
     *
     * @param known whether there is another answer for a look-up; the others go on waiting
     */
    public void endWaiting(Predicate<HostLookup> known) {
        deadlines.end(known);
        queue.dropAllDone();
    }

    /** Ends all look-ups as unavailable. */
    public void close() {
        closed = true;
        deadlines.close(CLOSED);
    }
}
