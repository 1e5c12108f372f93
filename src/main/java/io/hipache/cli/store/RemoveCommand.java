package io.hipache.cli.store;

import io.hipache.cli.common.Exit;
import io.hipache.cli.common.Output;
import io.hipache.cli.common.Setting;
import io.hipache.cli.common.StoreOptions;
import io.hipache.frontends.Change;
import io.hipache.frontends.FrontendName;
import io.hipache.frontends.InvalidInputException;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code hipache remove}: removes backends, or a whole frontend. */
@Command(
        name = "remove",
        description = "Removes backends from a frontend, or the whole frontend when no URL is given.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "exit code: 0 when something was removed, 1 when it was not there or the key is not a list, 2 without Redis"
        })
public final class RemoveCommand implements Callable<Integer> {

    @Mixin
    private final StoreOptions options;

    @Parameters(index = "0", paramLabel = "HOST", description = "a host, *.example.com, or *")
    private String host = "";

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "URL", description = "exactly as the frontend has it")
    private List<String> urls = List.of();

    public RemoveCommand(Setting setting) {
        this.options = new StoreOptions(setting);
    }

    @Override
    public Integer call() {
        return options.withStore((store, config, output) -> remove(store, output));
    }

    private int remove(StoreConnection store, Output output) throws StoreException, InvalidInputException {
        String name = FrontendName.of(host);
        Change change = new Change(store);
        Change.Result result =
                urls.isEmpty() ? change.delete(name) : change.remove(name, FrontendName.entries(urls, true));
        if (result.changed()) {
            if (urls.isEmpty()) {
                ChangeOutput.printRemoved(output, name, result);
            } else {
                ChangeOutput.print(output, name, result);
            }
            return Exit.FINE;
        }
        if (output.json()) {
            output.value(ChangeOutput.json(name, result));
        } else {
            output.problem(
                    result.backends() < 0
                            ? "there is no frontend " + name
                            : name + " has no such backend (hipache explain " + name + " shows them)");
        }
        return Exit.WRONG;
    }
}
