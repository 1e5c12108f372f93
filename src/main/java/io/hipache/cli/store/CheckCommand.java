package io.hipache.cli.store;

import static io.hipache.cli.common.Output.object;

import io.hipache.cli.common.Exit;
import io.hipache.cli.common.Output;
import io.hipache.cli.common.Setting;
import io.hipache.cli.common.StoreOptions;
import io.hipache.config.HipacheConfig;
import io.hipache.frontends.HostReader;
import io.hipache.frontends.HostState;
import io.hipache.frontends.HostState.BackendEntry;
import io.hipache.frontends.HostState.Name;
import io.hipache.frontends.InvalidInputException;
import io.hipache.frontends.Probe;
import io.hipache.frontends.Probe.Outcome;
import io.hipache.outcome.EndReason;
import io.hipache.routing.BackendUrl;
import io.hipache.store.HealthCheck;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code hipache check}: asks each backend of a host now. */
@Command(
        name = "check",
        description = "Sends a request to each backend of a host, from this machine, and says what comes back.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "exit code: 0 when all answer, 1 when one does not or there is none, 2 without Redis"})
public final class CheckCommand implements Callable<Integer> {

    private static final int AT_A_TIME = 16;

    @Mixin
    private final StoreOptions options;

    @Parameters(paramLabel = "HOST", description = "the host, which the requests name")
    private String host = "";

    public CheckCommand(Setting setting) {
        this.options = new StoreOptions(setting);
    }

    @Override
    public Integer call() {
        return options.withStore(this::check);
    }

    /** @param outcome null for an entry that cannot be asked */
    private record Checked(BackendEntry backend, Future<Outcome> outcome) {}

    private int check(StoreConnection store, HipacheConfig config, Output output)
            throws StoreException, InvalidInputException {
        HostState state = new HostReader(
                        store,
                        config.server().deadByMatchedKey(),
                        config.server().maxBackends())
                .read(host);
        Name found = state.found();
        if (found == null || state.backends().isEmpty()) {
            if (output.json()) {
                output.value(List.of());
            } else {
                output.problem(state.host() + " has no backends (hipache explain " + state.host() + ")");
            }
            return Exit.WRONG;
        }
        HealthCheck configured = HealthCheck.read(store, found.name());
        Probe probe =
                configured == null ? Probe.ROOT : new Probe(configured.path(), configured.status(), configured.body());
        ExecutorService threads = Executors.newFixedThreadPool(
                Math.min(AT_A_TIME, state.backends().size()));
        try {
            return report(
                    state.backends().stream()
                            .map(backend ->
                                    new Checked(backend, threads.submit(() -> ask(probe, backend, state.host()))))
                            .toList(),
                    output);
        } finally {
            threads.shutdownNow();
        }
    }

    private static Outcome ask(Probe probe, BackendEntry backend, String host) {
        BackendUrl url = BackendUrl.parse(backend.entry());
        return url == null
                ? new Outcome(false, 0, EndReason.INVALID_BACKEND, "is no usable URL", 0)
                : probe.ask(url.backend(), host);
    }

    private static int report(List<Checked> checks, Output output) {
        boolean healthy = true;
        List<List<String>> rows = new ArrayList<>();
        List<Object> values = new ArrayList<>();
        for (Checked check : checks) {
            Outcome outcome = outcome(check.outcome());
            healthy &= outcome.healthy();
            BackendEntry backend = check.backend();
            EndReason reason = outcome.reason();
            rows.add(List.of(
                    "#" + backend.index() + " " + backend.entry(),
                    reason == null ? "status " + outcome.status() : reason.word(),
                    outcome.millis() + " ms",
                    outcome.words(),
                    backend.mark() == null ? "" : outcome.healthy() ? "marked dead all the same" : "marked dead"));
            values.add(object(
                    "index",
                    backend.index(),
                    "url",
                    backend.entry(),
                    "healthy",
                    outcome.healthy(),
                    "status",
                    outcome.status() == 0 ? null : outcome.status(),
                    "reason",
                    reason == null ? null : reason.word(),
                    "message",
                    outcome.words().isEmpty() ? null : outcome.words(),
                    "milliseconds",
                    outcome.millis(),
                    "markedDead",
                    backend.mark() != null));
        }
        if (output.json()) {
            output.value(values);
        } else {
            output.table(rows);
        }
        return healthy ? Exit.FINE : Exit.WRONG;
    }

    private static Outcome outcome(Future<Outcome> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Outcome(false, 0, EndReason.INTERNAL_ERROR, "interrupted", 0);
        } catch (ExecutionException e) {
            return new Outcome(false, 0, EndReason.INTERNAL_ERROR, String.valueOf(e.getCause()), 0);
        }
    }
}
