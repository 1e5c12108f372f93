package io.hipache.net;

import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.Security;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Turns the host of a backend into addresses without ever blocking the event loop. Literal addresses are answered at
 * once; names go to the resolver of the JDK, and so to {@code /etc/hosts} and whatever else the system asks, on a few
 * daemon threads. Answers are kept for seconds only, so that a changed record is soon obeyed.
 *
 * <p>Everything but the look-up itself is confined to the event loop, and every answer is given there. Threads, waiting
 * names and kept answers are bounded; past a bound the answer is {@link Resolution.NotAsked}.
 */
public final class BackendResolver implements AutoCloseable {

    /** {@link InetAddress#getAllByName}, or a test's. */
    interface Lookup {
        InetAddress[] addressesOf(String name) throws UnknownHostException;
    }

    /**
     * @param found how long addresses are kept
     * @param notFound how long it is kept that there are none
     * @param timeout how long a request waits for a look-up: more than a system's resolver needs to turn from a silent
     *     name server to the next
     */
    record Limits(int threads, int waitingNames, int keptNames, Duration found, Duration notFound, Duration timeout) {
        static final Limits USUAL =
                new Limits(8, 1000, 10_000, Duration.ofSeconds(5), Duration.ofSeconds(1), Duration.ofSeconds(8));
    }

    private final EventLoop loop;
    private final Lookup lookup;
    private final Limits limits;
    private final ThreadPoolExecutor threads;
    private final AnswerCache answers;
    private final Map<String, RunningLookup> running = new HashMap<>();

    /** @param loop where {@link #resolve} is called and answered */
    public BackendResolver(EventLoop loop) {
        this(loop, InetAddress::getAllByName, System::nanoTime, Limits.USUAL);
    }

    BackendResolver(EventLoop loop, Lookup lookup, LongSupplier nanoClock, Limits limits) {
        this.loop = loop;
        this.lookup = lookup;
        this.limits = limits;
        answers = new AnswerCache(limits.keptNames, nanoClock);
        threads = new ThreadPoolExecutor(
                limits.threads,
                limits.threads,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(limits.waitingNames),
                new DefaultThreadFactory("resolver", true));
        threads.allowCoreThreadTimeOut(true);
    }

    /**
     * Keeps the JDK from holding answers of its own for half a minute. Counts for the whole process, and only before its
     * first look-up of a name: the JDK reads these properties once.
     */
    public static void turnOffJdkCache() {
        Security.setProperty("networkaddress.cache.ttl", "0");
        Security.setProperty("networkaddress.cache.negative.ttl", "0");
    }

    /**
     * Looks up a host; look-ups of one name at one time become one.
     *
     * @param host a name or a literal address, IPv6 without brackets
     * @param answer called exactly once on the event loop, before this method returns when the answer is known already
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
        RunningLookup current = running.get(host);
        if (current == null) {
            start(host, answer);
        } else if (current.timedOut) {
            answer.accept(noAnswer(host));
        } else {
            current.waiting.add(answer);
        }
    }

    /** Ends the threads; names that still wait are never answered. */
    @Override
    public void close() {
        threads.shutdownNow();
    }

    private void start(String name, Consumer<Resolution> answer) {
        try {
            threads.execute(() -> lookUp(name));
        } catch (RejectedExecutionException e) {
            answer.accept(new Resolution.NotAsked(name + ": too many other names are being looked up"));
            return;
        }
        RunningLookup started = new RunningLookup();
        started.waiting.add(answer);
        running.put(name, started);
        started.timer = loop.schedule(() -> timeOut(name, started), limits.timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** On one of the threads. */
    private void lookUp(String name) {
        Resolution result = ask(name);
        try {
            loop.execute(() -> finish(name, result));
        } catch (RejectedExecutionException e) {
            // the worker has ended meanwhile: nobody is left to tell
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
        }
    }

    private void finish(String name, Resolution result) {
        RunningLookup finished = running.remove(name);
        if (finished == null) {
            throw new IllegalStateException("nobody asked for " + name);
        }
        if (finished.timer != null) {
            finished.timer.cancel(false);
        }
        Duration ttl = result instanceof Resolution.Found ? limits.found : limits.notFound;
        answers.put(name, result, ttl.toNanos());
        finished.answerAll(result);
    }

    private static void timeOut(String name, RunningLookup current) {
        current.timedOut = true;
        current.answerAll(noAnswer(name));
    }

    private static Resolution noAnswer(String name) {
        return new Resolution.NotFound(name + ": the name service does not answer");
    }

    private static @Nullable Resolution withoutLookUp(String host) {
        if (host.isEmpty()) {
            // the JDK would take it for the loopback address
            return new Resolution.NotFound("empty host name");
        }
        // the JDK understands the zone of an IPv6 address, Netty does not; as a name it takes the long way there
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

    /** A name on its way, and who waits for it. */
    private static final class RunningLookup {
        private final List<Consumer<Resolution>> waiting = new ArrayList<>();
        private @Nullable Future<?> timer;
        private boolean timedOut;

        void answerAll(Resolution result) {
            List<Consumer<Resolution>> everyone = List.copyOf(waiting);
            waiting.clear();
            everyone.forEach(each -> each.accept(result));
        }
    }
}
