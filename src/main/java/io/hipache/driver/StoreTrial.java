package io.hipache.driver;

import io.hipache.driver.lookup.Lookups;
import io.hipache.driver.redis.LettuceOnLoop;
import io.hipache.driver.redis.PlainCommand;
import io.hipache.driver.redis.RedisKeys;
import io.hipache.driver.redis.RedisLink;
import io.hipache.routing.Driver.ReadCallback;
import io.hipache.routing.HostLookup;
import io.netty.channel.EventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether a store can be used: asks the server of look-ups for one host, and the server of marks for something that
 * changes nothing. Confined to the event loop, except for {@link #run}.
 */
final class StoreTrial {
    /** No frontend has this name: a trial needs the rights of a look-up, and nothing that it could find. */
    private static final HostLookup NOBODY = HostLookup.ofNobody("trial");

    private final EventLoop loop;
    private final RedisSettings settings;
    private final RedisKeys keys;
    private final RedisLink readLink;
    private final RedisLink writeLink;
    private final Lookups lookups;
    private final BooleanSupplier copyStandsIn;
    private boolean marksRefused;

    /**
     * @param writeLink the same as {@code readLink} when marks go to the server of the look-ups
     * @param copyStandsIn whether known hosts have their answers from memory, because the store is away
     */
    StoreTrial(
            EventLoop loop,
            RedisSettings settings,
            RedisKeys keys,
            RedisLink readLink,
            RedisLink writeLink,
            Lookups lookups,
            BooleanSupplier copyStandsIn) {
        this.loop = loop;
        this.settings = settings;
        this.keys = keys;
        this.readLink = readLink;
        this.writeLink = writeLink;
        this.lookups = lookups;
        this.copyStandsIn = copyStandsIn;
    }

    /**
     * May be called on any thread and at any time.
     *
     * @param copyCounts whether a copy that answers is as good as the store, asked on the event loop
     * @return complete on the event loop, never fails: empty when the store can be used, else the reason in one line
     */
    CompletionStage<String> run(BooleanSupplier copyCounts) {
        return readLink.firstAttempt()
                .thenCombine(writeLink.firstAttempt(), (read, write) -> "")
                .thenCompose(done -> {
                    CompletableFuture<String> tried = new CompletableFuture<>();
                    LettuceOnLoop.run(loop, () -> tryBoth(tried, copyCounts));
                    return tried;
                });
    }

    /** Whether the server of marks has refused a trial on its present connection. A replica that refuses does not count. */
    boolean marksRefused() {
        return marksRefused;
    }

    /** Call this at each new connection: the server may have other rights for it. */
    void writeLinkConnected() {
        marksRefused = false;
    }

    private void tryBoth(CompletableFuture<String> tried, BooleanSupplier copyCounts) {
        String problem = readLink.connected() ? writeLink.problem() : readLink.problem();
        // what is known is as good as a store, as long as the store is away for everybody
        BooleanSupplier known = () -> copyStandsIn.getAsBoolean() && copyCounts.getAsBoolean();
        if (known.getAsBoolean()) {
            tried.complete("");
            return;
        }
        if (!problem.isEmpty()) {
            tried.complete(problem);
            return;
        }
        lookups.read(
                NOBODY,
                ReadCallback.ofTrial(
                        () -> tryWriteLink(tried),
                        reason -> tried.complete(
                                known.getAsBoolean()
                                        ? ""
                                        : "Redis " + settings.read() + ": cannot answer look-ups: " + reason)));
    }

    private void tryWriteLink(CompletableFuture<String> tried) {
        if (writeLink == readLink) {
            tried.complete("");
            return;
        }
        loop.schedule(
                () -> tried.complete("Redis " + settings.write() + ": no answer in time"),
                settings.commandTimeout().toNanos(),
                TimeUnit.NANOSECONDS);
        // the key does not exist, so that it cannot expire
        writeLink.write(new PlainCommand(
                (value, error) -> tried.complete(marksProblem(error)),
                "EXPIRE",
                keys.dead(NOBODY.requestedHost()),
                "1"));
    }

    /** A replica can become the master at any time, so that one is no problem. */
    private String marksProblem(@Nullable String error) {
        marksRefused = error != null && !error.startsWith("READONLY");
        return marksRefused ? "Redis " + settings.write() + ": dead backends cannot be marked: " + error : "";
    }
}
