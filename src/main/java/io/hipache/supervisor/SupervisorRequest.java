package io.hipache.supervisor;

import io.hipache.link.SuccessionLink;
import io.hipache.link.SuccessionMessage;
import io.hipache.supervisor.common.StartException;
import io.hipache.supervisor.process.NativeLibraries;
import io.hipache.supervisor.upgrade.Predecessor;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Asks a running supervisor to reload or to be upgraded, as the commands of these names do, and waits for the outcome. */
public final class SupervisorRequest {
    /** A supervisor that knows the request says so at once. */
    private static final Duration ANSWER = Duration.ofSeconds(10);

    /** Many workers may have to be replaced one by one, and another reload may be under way. An upgrade takes two minutes at most. */
    private static final Duration END = Duration.ofMinutes(15);

    private SupervisorRequest() {}

    /**
     * What became of the request.
     *
     * @param complete whether everything follows the configuration that was read, or the new program serves
     * @param lines what the supervisor says about it
     */
    public record Outcome(boolean complete, List<String> lines) {}

    private static final class Answers implements SuccessionLink.Listener {
        private final String what;
        private final CompletableFuture<@Nullable Void> begun = new CompletableFuture<>();
        private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();

        private Answers(String what) {
            this.what = what;
        }

        @Override
        public void received(SuccessionLink link, SuccessionMessage message) {
            if (message instanceof SuccessionMessage.Begun) {
                begun.complete(null);
            } else if (message instanceof SuccessionMessage.Ended end) {
                outcome.complete(new Outcome(end.complete(), end.lines()));
            }
        }

        @Override
        public void closed(SuccessionLink link) {
            begun.completeExceptionally(new IOException("it closed the connection"));
            outcome.completeExceptionally(new IOException("it ended before the " + what + " did"));
        }
    }

    /** The process ids of the supervisors that this user can ask, in ascending order. */
    public static List<Long> supervisors() throws IOException {
        return SuccessionLink.running();
    }

    /**
     * Has the supervisor that runs as process {@code pid} read its configuration again, and waits.
     *
     * @throws IOException when there is no such supervisor, or it does not answer; with a message for the administrator
     */
    public static Outcome reload(long pid) throws IOException {
        return send(pid, new SuccessionMessage.Reload(), "reload", "SIGHUP");
    }

    /**
     * Has the supervisor that runs as process {@code pid} start the installed version, and waits until that one serves, or does
     * not. The requests under way go on in the old processes.
     *
     * @throws IOException as {@link #reload}
     */
    public static Outcome upgrade(long pid) throws IOException {
        return send(pid, new SuccessionMessage.Upgrade(), "upgrade", "SIGUSR2");
    }

    /**
     * Tells the supervisor that has started this process as its successor why it gets none. Waits until it has heard that, but not
     * for long: one of an older version says nothing.
     */
    public static void callOff(long pid, String why) {
        try {
            NativeLibraries.prepare();
        } catch (StartException e) {
            return;
        }
        EventLoopGroup group = group();
        try {
            Predecessor.refuse(group, pid, why);
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    private static EventLoopGroup group() {
        return new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("request", true), EpollIoHandler.newFactory());
    }

    private static Outcome send(long pid, SuccessionMessage request, String what, String signal) throws IOException {
        try {
            NativeLibraries.prepare();
        } catch (StartException e) {
            throw new IOException(e.getMessage(), e);
        }
        EventLoopGroup group = group();
        Answers answers = new Answers(what);
        try {
            SuccessionLink link = SuccessionLink.connect(group, pid, answers);
            link.send(request);
            answers.begun.get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
            return answers.outcome.get(END.toMillis(), TimeUnit.MILLISECONDS);
        } catch (IOException e) {
            throw failed(
                    "process " + pid + " is no supervisor of Hipache that this user can ask (" + e.getMessage() + ")");
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw failed("process " + pid + " gives no answer: " + cause.getMessage());
        } catch (TimeoutException e) {
            throw failed(
                    answers.begun.isDone()
                            ? "the " + what + " of process " + pid + " is not over after " + END.toMinutes()
                                    + " minutes, its log says more"
                            : "process " + pid + " does not answer. If its version is an older one, send it " + signal);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("interrupted");
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    private static IOException failed(String why) {
        return new IOException(why);
    }
}
