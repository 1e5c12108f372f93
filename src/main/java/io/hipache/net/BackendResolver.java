package io.hipache.net;

import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Resolves the host of a backend without blocking the event loop. Literal addresses are answered at once. Names go to
 * the JDK's resolver, which asks {@code /etc/hosts} and whatever else the system is configured to ask
 * ({@code nsswitch.conf}). Netty's resolver does not block a thread, but it asks name servers and {@code /etc/hosts} only, so
 * it would not find every name that the rest of the machine finds. Answers are kept for a few seconds only, so that a
 * changed record takes effect soon.
 *
 * <p>A look-up blocks a thread, and the thread of a name whose name server is silent is blocked for many seconds. {@link
 * LookupQueue} sees to it that such names do not take all threads from the others.
 *
 * <p>Everything except the look-up itself is confined to the event loop, and every answer is given there. The numbers
 * of threads, of waiting names and of kept answers are bounded. When too many names wait, the answer is
 * {@link Resolution.NotAsked}.
 */
public final class BackendResolver implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(BackendResolver.class);

    /** {@link SystemLookup#all}, or a replacement in a test. Called on the resolver's threads. */
    interface Lookup {
        InetAddress[] addressesOf(String name) throws UnknownHostException;
    }

    /**
     * Bounds of the resolver.
     *
     * @param threads how many look-ups run at a time; a thread exists only while it is needed
     * @param waitingNames how many names may wait for a thread
     * @param keptNames how many answers are kept
     * @param found how long found addresses are kept
     * @param notFound how long a failed look-up is kept at least; one that took longer is kept for as long as it took, up
     *     to {@link #LONGEST_NOT_FOUND_NANOS}
     * @param timeout how long a request waits for a look-up; long enough for the system's resolver to give up on one
     *     silent name server and to ask the next
     * @param slow a look-up that takes longer has to wait behind those of other names the next time
     */
    record Limits(
            int threads,
            int waitingNames,
            int keptNames,
            Duration found,
            Duration notFound,
            Duration timeout,
            Duration slow) {
        static final Limits USUAL = new Limits(
                100,
                1000,
                10_000,
                Duration.ofSeconds(5),
                Duration.ofSeconds(1),
                Duration.ofSeconds(8),
                Duration.ofSeconds(1));
    }

    /** So a name that hangs has a thread for half of the time at most. */
    private static final long LONGEST_NOT_FOUND_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** The longest name of the DNS, with a dot at its end. Longer names are not looked up, and take no memory here. */
    private static final int LONGEST_NAME = 254;

    private final EventLoop loop;
    private final Lookup lookup;
    private final Limits limits;
    private final LongSupplier nanoClock;
    private final ThreadPoolExecutor threads;
    private final AnswerCache answers;
    private final LookupQueue queue;
    private final Map<String, PendingLookup> pending = new HashMap<>();
    /** The names that were looked up last, and whether each was slow. */
    private final Map<String, Boolean> slowNames = new LinkedHashMap<>();

    /** @param loop the event loop on which {@link #resolve} is called and answered */
    public BackendResolver(EventLoop loop) {
        this(loop, SystemLookup::all, System::nanoTime, Limits.USUAL);
    }

    BackendResolver(EventLoop loop, Lookup lookup, LongSupplier nanoClock, Limits limits) {
        this.loop = loop;
        this.lookup = lookup;
        this.limits = limits;
        this.nanoClock = nanoClock;
        answers = new AnswerCache(limits.keptNames, nanoClock);
        queue = new LookupQueue(limits.threads, limits.waitingNames);
        // the queue bounds the number of look-ups, and so that of threads
        threads = new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                10,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                new DefaultThreadFactory("resolver", true));
    }

    /**
     * Looks up a host. Concurrent look-ups of the same name are joined into one.
     *
     * @param host a name or a literal address; IPv6 without brackets
     * @param answer called exactly once, on the event loop; before this method returns when the answer is already known
     */
    public void resolve(String host, Consumer<Resolution> answer) {
        assert loop.inEventLoop();
        Resolution known = withoutLookUp(host);
        if (known == null) {
            known = answers.get(host);
        }
        if (known != null) {
            answer.accept(known);
            return;
        }
        PendingLookup current = pending.get(host);
        if (current == null) {
            start(host, answer);
        } else if (current.timedOut) {
            answer.accept(noAnswer(host));
        } else {
            current.waiting.add(answer);
        }
    }

    /** Ends the threads. Look-ups that are still waiting are never answered. */
    @Override
    public void close() {
        threads.shutdownNow();
    }

    private void start(String name, Consumer<Resolution> answer) {
        Boolean slow = slowNames.get(name);
        LookupQueue.Place place = queue.enter(
                name, slow == null ? LookupQueue.Pace.UNKNOWN : slow ? LookupQueue.Pace.SLOW : LookupQueue.Pace.QUICK);
        if (place == null) {
            answer.accept(tooMany(name));
            return;
        }
        PendingLookup started = new PendingLookup(place);
        started.waiting.add(answer);
        pending.put(name, started);
        started.timer = loop.schedule(() -> timeOut(started), limits.timeout.toNanos(), TimeUnit.NANOSECONDS);
        runNext();
    }

    /** Runs as many look-ups as may run now. */
    private void runNext() {
        for (LookupQueue.Place next = queue.next(); next != null; next = queue.next()) {
            PendingLookup begun = Objects.requireNonNull(pending.get(next.name()));
            begun.beganNanos = nanoClock.getAsLong();
            try {
                threads.execute(() -> lookUp(begun));
            } catch (RejectedExecutionException | OutOfMemoryError e) {
                // the worker ends, or the machine allows no more threads
                end(begun, tooMany(next.name()));
            }
        }
    }

    /** Runs on one of the resolver's threads. */
    private void lookUp(PendingLookup running) {
        Resolution result = ask(running.place.name());
        try {
            loop.execute(() -> finish(running, result));
        } catch (RejectedExecutionException e) {
            // the worker has ended, so no request waits for this answer
            return;
        }
    }

    private Resolution ask(String name) {
        try {
            return new Resolution.Found(List.of(lookup.addressesOf(name)));
        } catch (UnknownHostException e) {
            String message = e.getMessage();
            return new Resolution.NotFound(
                    message != null && message.startsWith(name + ":") ? message : name + ": name not known");
        } catch (RuntimeException e) {
            return new Resolution.NotFound(name + ": " + e);
        } catch (Error e) {
            // such as no memory: the name is not to blame, and its thread must not end without an answer
            log.error("cannot look up {}: unexpected {}", name, e.toString(), e);
            return new Resolution.NotAsked(name + ": " + e);
        }
    }

    private void finish(PendingLookup finished, Resolution result) {
        String name = finished.place.name();
        long took = nanoClock.getAsLong() - finished.beganNanos;
        remember(name, took > limits.slow.toNanos());
        long ttl = result instanceof Resolution.Found
                ? limits.found.toNanos()
                : Math.max(limits.notFound.toNanos(), Math.min(took, LONGEST_NOT_FOUND_NANOS));
        answers.put(name, result, ttl);
        end(finished, result);
        runNext();
    }

    private void remember(String name, boolean slow) {
        slowNames.remove(name);
        slowNames.put(name, slow);
        if (slowNames.size() > limits.keptNames) {
            slowNames.remove(slowNames.keySet().iterator().next());
        }
    }

    private void timeOut(PendingLookup late) {
        if (late.place.isRunning()) {
            late.timedOut = true;
            late.answerAll(noAnswer(late.place.name()));
        } else {
            end(late, tooMany(late.place.name()));
        }
    }

    private void end(PendingLookup ended, Resolution result) {
        queue.leave(ended.place);
        pending.remove(ended.place.name());
        if (ended.timer != null) {
            ended.timer.cancel(false);
        }
        ended.answerAll(result);
    }

    private static Resolution noAnswer(String name) {
        return new Resolution.NotFound(name + ": the name service does not answer");
    }

    private static Resolution tooMany(String name) {
        return new Resolution.NotAsked(name + ": too many other names are being looked up");
    }

    private static @Nullable Resolution withoutLookUp(String host) {
        if (host.isEmpty()) {
            // the JDK would resolve it to the loopback address
            return new Resolution.NotFound("empty host name");
        }
        if (host.length() > LONGEST_NAME) {
            return new Resolution.NotFound(host.substring(0, LONGEST_NAME) + "...: longer than any name");
        }
        // Netty cannot parse the zone of an IPv6 address, but the JDK can: such an address is looked up like a name
        byte[] bytes = host.indexOf('%') >= 0 ? null : NetUtil.createByteArrayFromIpAddressString(host);
        if (bytes == null) {
            return null;
        }
        try {
            return new Resolution.Found(List.of(InetAddress.getByAddress(host, bytes)));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("neither 4 nor 16 bytes: " + host, e);
        }
    }

    /** A look-up that waits or runs, with the requests that wait for it. */
    private static final class PendingLookup {
        private final LookupQueue.Place place;
        private final List<Consumer<Resolution>> waiting = new ArrayList<>();
        private @Nullable Future<?> timer;
        private long beganNanos;
        private boolean timedOut;

        PendingLookup(LookupQueue.Place place) {
            this.place = place;
        }

        void answerAll(Resolution result) {
            List<Consumer<Resolution>> everyone = List.copyOf(waiting);
            waiting.clear();
            for (Consumer<Resolution> each : everyone) {
                try {
                    each.accept(result);
                } catch (RuntimeException e) {
                    // the others must have their answer nevertheless
                    log.error("a request cannot go on with its backend's name: unexpected {}", e.toString(), e);
                }
            }
        }
    }
}
