package io.hipache.cli.store;

import io.hipache.cli.common.Exit;
import io.hipache.cli.common.Output;
import io.hipache.cli.common.Setting;
import io.hipache.cli.common.StoreOptions;
import io.hipache.config.HipacheConfig;
import io.hipache.frontends.Explanation;
import io.hipache.frontends.HostState;
import io.hipache.frontends.InvalidInputException;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code hipache explain}: what the next request for a host gets, and why. */
@Command(
        name = "explain",
        description = "Says what the next request for a host gets, and why.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "exit code: 0 when the request gets to a backend, 1 when it is refused, 2 when nobody can tell"})
public final class ExplainCommand implements Callable<Integer> {

    @Mixin
    private final StoreOptions options;

    private final WorkersView workers;

    @Parameters(paramLabel = "HOST", description = "as a client writes it, a port does not matter")
    private String host = "";

    public ExplainCommand(Setting setting, WorkersView workers) {
        this.options = new StoreOptions(setting);
        this.workers = workers;
    }

    @Override
    public Integer call() {
        return options.withStore(this::explain);
    }

    private int explain(StoreConnection store, HipacheConfig config, Output output)
            throws StoreException, InvalidInputException {
        Explanation explanation = Explanation.read(store, config, host);
        HostState state = explanation.state();
        HostState.Name found = state.found();
        WorkersView.Seen seen = workers.of(
                config,
                state.host(),
                found == null ? state.host() : found.name(),
                state.backends().stream().map(HostState.BackendEntry::entry).toList());
        if (output.json()) {
            output.value(explanation.json(seen.json()));
        } else {
            output.table(new ExplanationText(explanation, seen.lines()).rows());
        }
        return state.isRouted() ? Exit.FINE : Exit.WRONG;
    }
}
