package io.hipache.cli.store;

import io.hipache.checker.ActiveChecks;
import io.hipache.checker.Findings;
import io.hipache.cli.common.Exit;
import io.hipache.cli.common.Output;
import io.hipache.cli.common.Setting;
import io.hipache.cli.common.StoreOptions;
import io.hipache.config.HipacheConfig;
import io.hipache.config.HipacheConfig.ActiveCheck;
import io.hipache.frontends.FrontendScan;
import io.hipache.frontends.FrontendScan.Frontend;
import io.hipache.frontends.HostReader;
import io.hipache.frontends.HostState;
import io.hipache.frontends.HostState.BackendEntry;
import io.hipache.frontends.HostState.Name;
import io.hipache.frontends.InvalidInputException;
import io.hipache.frontends.WrongType;
import io.hipache.link.ProcessSignals;
import io.hipache.messages.LogStyle;
import io.hipache.store.HealthCheck;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hipache check}: asks backends, once or for as long as it runs. */
@Command(
        name = "check",
        description = {
            "Sends a request to each backend of a host, from this machine, and says what comes back.",
            "With --all, asks the backends of all frontends, and shows those that are not well.",
            "With --watch, does not ask once but runs the active checks of the fleet, as server.activeCheck does in the program,"
                    + " until it is ended. Of all that could check, one does."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "exit code: 0 when all answer, or at the end of --watch, 1 when one does not, there is none, or a key is of a wrong type,",
            "2 without Redis"
        })
public final class CheckCommand implements Callable<Integer> {

    @Mixin
    private final StoreOptions options;

    @Option(names = "--all", description = "all frontends, instead of one host")
    private boolean all;

    @Option(
            names = "--watch",
            description = "run the active checks: mark backends that were announced as dead, and revive them")
    private boolean watch;

    @Parameters(arity = "0..1", paramLabel = "HOST", description = "the host, which the requests name")
    private @Nullable String host;

    public CheckCommand(Setting setting) {
        this.options = new StoreOptions(setting);
    }

    @Override
    public Integer call() {
        if (watch && host == null && !all) {
            return options.withConfig((config, output) -> watch(config));
        }
        return options.withStore(this::check);
    }

    private int check(StoreConnection store, HipacheConfig config, Output output)
            throws StoreException, InvalidInputException {
        if (watch || all == (host != null)) {
            throw new InvalidInputException("say either a host, --all, or --watch");
        }
        return host == null ? checkAll(store, output) : checkHost(store, config, host, output);
    }

    private static int checkHost(StoreConnection store, HipacheConfig config, String host, Output output)
            throws StoreException, InvalidInputException {
        HostState state = new HostReader(
                        store,
                        config.server().deadByMatchedKey(),
                        config.server().maxBackends())
                .read(host);
        state.requireList();
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
        try (BackendChecks checks = new BackendChecks()) {
            for (BackendEntry backend : state.backends()) {
                checks.ask(state.host(), backend.index(), backend.entry(), backend.mark() != null, configured);
            }
            return checks.report(output);
        }
    }

    private static int checkAll(StoreConnection store, Output output) throws StoreException {
        boolean lists = true;
        try (BackendChecks checks = new BackendChecks()) {
            FrontendScan scan = new FrontendScan(store, "*");
            while (!scan.isFinished()) {
                for (Frontend frontend : scan.next()) {
                    if (!frontend.isList()) {
                        output.problem(WrongType.list(store, frontend.name()));
                        lists = false;
                        continue;
                    }
                    HealthCheck configured = HealthCheck.read(store, frontend.name());
                    for (int i = 0; i < frontend.entries().size(); i++) {
                        checks.ask(frontend.name(), i, frontend.entries().get(i), false, configured);
                    }
                }
            }
            int code = checks.reportFaults(output);
            return lists ? code : Exit.WRONG;
        }
    }

    private static int watch(HipacheConfig config) {
        LogStyle.use(config.server().debug(), config.server().isoLogTime());
        ActiveCheck settings = config.server().activeCheck();
        CountDownLatch end = new CountDownLatch(1);
        for (String signal : List.of("TERM", "INT")) {
            ProcessSignals.handle(signal, end::countDown);
        }
        try (ActiveChecks checks = new ActiveChecks(Findings.IGNORED)) {
            checks.follow(settings == null ? ActiveCheck.USUAL : settings, config);
            end.await();
            return Exit.FINE;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Exit.FINE;
        }
    }
}
