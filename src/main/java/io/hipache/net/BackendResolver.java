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
 * Resolves the host of a backend without blocking the event loop. Literal addresses are answered at once. Names go to
 * the JDK's resolver, which asks {@code /etc/hosts} and whatever else the system is configured to ask, on a few daemon
 * threads. Answers are kept for a few seconds only, so that a changed record takes effect soon.
 *
 * <p>Everything except the look-up itself is confined to the event loop, and every answer is given there. The numbers
 * of threads, of waiting names and of kept answers are bounded. When too many names wait, the answer is
 * {@link Resolution.NotAsked}.
 */
public final class BackendResolver implements AutoCloseable {

    /** {@link InetAddress#getAllByName}, or a replacement in a test. Called on the resolver's threads. */
    interface Lookup {
        InetAddress[] addressesOf(String name) throws UnknownHostException;
    }

    /**
     * Bounds of the resolver.
     *
     * @param threads how many look-ups run at a time
     * @param waitingNames how many names may wait for a thread
     * @param keptNames how many answers are kept
     * @param found how long found addresses are kept
     * @param notFound how long a failed look-up is kept
     * @param timeout how long a request waits for a look-up; long enough for the system's resolver to give up on one
     *     silent name server and to ask the next
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

    /** @param loop the event loop on which {@link #resolve} is called and answered */
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
     * Turns off the JDK's own cache, which keeps answers for 30 seconds. This affects the whole process. It must be
     * called before the first look-up of a name, because the JDK reads these properties once.
     */
    public static void turnOffJdkCache() {
        Security.setProperty("networkaddress.cache.ttl", "0");
        Security.setProperty("networkaddress.cache.negative.ttl", "0");
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
        RunningLookup current = running.get(host);
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

    /** Runs on one of the resolver's threads. */
    private void lookUp(String name) {
        Resolution result = ask(name);
        try {
            loop.execute(() -> finish(name, result));
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
        }
    }

    private void finish(String name, Resolution result) {
        RunningLookup finished = running.remove(name);
        if (finished == null) {
            throw new IllegalStateException("no look-up is running for " + name);
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
            // the JDK would resolve it to the loopback address
            return new Resolution.NotFound("empty host name");
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

    /** A look-up in progress, with the requests that wait for it. */
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
