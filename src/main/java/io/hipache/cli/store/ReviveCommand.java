package io.hipache.cli.store;

import static io.hipache.frontends.Members.members;

import io.hipache.cli.common.Exit;
import io.hipache.cli.common.Output;
import io.hipache.cli.common.Setting;
import io.hipache.cli.common.StoreOptions;
import io.hipache.config.HipacheConfig;
import io.hipache.frontends.Checker;
import io.hipache.frontends.HostReader;
import io.hipache.frontends.HostState;
import io.hipache.frontends.InvalidInputException;
import io.hipache.frontends.Revival;
import io.hipache.messages.Quantity;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hipache revive}: ends marks of dead backends. */
@Command(
        name = "revive",
        description = "Ends the marks of dead backends of a host before their time.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "exit code: 0 when a mark was ended, 1 when there was none or a key is of a wrong type, 2 when the command line is wrong"
        })
public final class ReviveCommand implements Callable<Integer> {

    @Mixin
    private final StoreOptions options;

    @Option(names = "--all", description = "all backends of the host")
    private boolean all;

    @Parameters(index = "0", paramLabel = "HOST", description = "the host whose backends are marked")
    private String host = "";

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "URL|INDEX",
            description = "a backend, by its URL or its index")
    private List<String> which = List.of();

    public ReviveCommand(Setting setting) {
        this.options = new StoreOptions(setting);
    }

    @Override
    public Integer call() {
        return options.withStore(this::revive);
    }

    private int revive(StoreConnection store, HipacheConfig config, Output output)
            throws StoreException, InvalidInputException {
        if (all == !which.isEmpty()) {
            throw new InvalidInputException("say which backends, by URL or index, or --all");
        }
        HostState state = new HostReader(
                        store,
                        config.server().deadByMatchedKey(),
                        config.server().maxBackends())
                .read(host);
        Revival revival = new Revival(store);
        long ended = all ? revival.reviveAll(state) : revival.revive(state, which);
        if (ended == 0 && !output.json()) {
            output.problem(
                    state.found() == null
                            ? "there is no frontend for " + state.host()
                            : state.host() + " has no such mark (hipache dead lists all)");
            return Exit.WRONG;
        }
        boolean checked = Checker.read(store, Instant.now()).alive();
        if (output.json()) {
            output.value(members("host", state.host(), "ended", ended, "activeChecker", checked));
        } else {
            output.line(state.host() + ": " + Quantity.of(ended, "mark", "marks") + " ended");
            if (checked) {
                output.line("an active checker is alive and may mark them again");
            }
        }
        return ended == 0 ? Exit.WRONG : Exit.FINE;
    }
}
