package io.hipache.cli.store;

import static io.hipache.frontends.Members.members;

import io.hipache.cli.common.Exit;
import io.hipache.cli.common.Output;
import io.hipache.messages.Quantity;
import io.hipache.outcome.EndReason;
import io.hipache.probe.Prober;
import io.hipache.probe.Question;
import io.hipache.probe.Target;
import io.hipache.probe.Verdict;
import io.hipache.routing.BackendUrl;
import io.hipache.store.HealthCheck;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Asks backends, 64 at the same moment, and says how they are. */
final class BackendChecks implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(3);

    /** The same question is asked once. */
    private final Map<Target, CompletableFuture<Verdict>> verdicts = new HashMap<>();

    private final List<Checked> checks = new ArrayList<>();
    private final Prober prober = new Prober(LIMIT);

    private record Checked(String host, int index, String entry, boolean marked, CompletableFuture<Verdict> pending) {

        Verdict verdict() {
            return pending.join();
        }

        String word() {
            EndReason reason = verdict().reason();
            return reason == null ? "status " + verdict().status() : reason.word();
        }

        /** What the word does not say already. */
        String fault() {
            String fault = verdict().fault();
            return fault == null || fault.equals(word()) ? "" : fault;
        }

        long millis() {
            return Duration.ofNanos(verdict().nanos()).toMillis();
        }

        Object json(@Nullable String named) {
            EndReason reason = verdict().reason();
            return members(
                    "host",
                    named,
                    "index",
                    index,
                    "url",
                    entry,
                    "healthy",
                    verdict().isGood(),
                    "status",
                    verdict().status() == 0 ? null : verdict().status(),
                    "reason",
                    reason == null ? null : reason.word(),
                    "message",
                    verdict().fault(),
                    "milliseconds",
                    millis(),
                    "markedDead",
                    named == null ? marked : null);
        }
    }

    /**
     * Asks a backend.
     *
     * @param host that the request names; a wildcard is no host, so its backends are asked by their own names
     * @param configured what the store says about the question, null for the usual one
     */
    void ask(String host, int index, String entry, boolean marked, @Nullable HealthCheck configured) {
        BackendUrl url = BackendUrl.parse(entry);
        CompletableFuture<Verdict> pending = url == null
                ? CompletableFuture.completedFuture(Verdict.bad(EndReason.INVALID_BACKEND, "is no usable URL"))
                : verdicts.computeIfAbsent(new Target(url.backend(), question(host, url, configured)), this::ask);
        checks.add(new Checked(host, index, entry, marked, pending));
    }

    private CompletableFuture<Verdict> ask(Target target) {
        CompletableFuture<Verdict> verdict = new CompletableFuture<>();
        prober.ask(target, verdict::complete);
        return verdict;
    }

    private static Question question(String host, BackendUrl url, @Nullable HealthCheck configured) {
        String named = host.startsWith("*") ? url.authority() : host;
        return configured == null
                ? Question.get("/", named, 0, null)
                : Question.get(configured.path(), named, configured.status(), configured.body());
    }

    /** Says how each of them is. Returns the exit code. */
    int report(Output output) {
        if (output.json()) {
            output.value(checks.stream().map(check -> check.json(null)).toList());
        } else {
            output.table(checks.stream()
                    .map(check -> List.of(
                            "#" + check.index() + " " + check.entry(),
                            check.word(),
                            check.millis() + " ms",
                            check.fault(),
                            !check.marked()
                                    ? ""
                                    : check.verdict().isGood() ? "marked dead all the same" : "marked dead"))
                    .toList());
        }
        return checks.stream().allMatch(check -> check.verdict().isGood()) ? Exit.FINE : Exit.WRONG;
    }

    /** Says which of them are not well, with their hosts. Returns the exit code. */
    int reportFaults(Output output) {
        List<Checked> faulty =
                checks.stream().filter(check -> !check.verdict().isGood()).toList();
        if (output.json()) {
            output.value(faulty.stream().map(check -> check.json(check.host())).toList());
        } else {
            output.table(faulty.stream()
                    .map(check -> List.of(
                            check.host(),
                            "#" + check.index() + " " + check.entry(),
                            check.word(),
                            check.millis() + " ms",
                            check.fault()))
                    .toList());
            output.line(Quantity.of(checks.size(), "backend was", "backends were") + " asked, " + faulty.size()
                    + " of them not well");
        }
        return faulty.isEmpty() && !checks.isEmpty() ? Exit.FINE : Exit.WRONG;
    }

    @Override
    public void close() {
        prober.close();
    }
}
