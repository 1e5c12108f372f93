package io.hipache.cli.store;

import io.hipache.cli.common.Exit;
import io.hipache.cli.common.Setting;
import io.hipache.cli.common.StoreOptions;
import io.hipache.frontends.Change;
import io.hipache.frontends.FrontendName;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hipache add}: adds backends, and creates the frontend where an identifier is given. */
@Command(
        name = "add",
        description = "Adds backends to a frontend. With --id, creates the frontend when there is none yet.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "exit code: 0 when the backends are there, 2 when they cannot be added"})
public final class AddCommand implements Callable<Integer> {

    @Mixin
    private final StoreOptions options;

    @Option(names = "--id", paramLabel = "NAME", description = "the identifier of a new frontend, which logs show")
    private @Nullable String identifier;

    @Option(names = "--force", description = "also write entries to which no request can go")
    private boolean force;

    @Parameters(index = "0", paramLabel = "HOST", description = "a host, *.example.com, or *")
    private String host = "";

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "URL",
            description = "http://host:port or https://host:port")
    private List<String> urls = List.of();

    public AddCommand(Setting setting) {
        this.options = new StoreOptions(setting);
    }

    @Override
    public Integer call() {
        return options.withStore((store, config, output) -> {
            String name = FrontendName.of(host);
            List<String> entries = FrontendName.entries(urls, force);
            String id = identifier == null ? null : FrontendName.identifier(identifier);
            ChangeOutput.print(output, name, new Change(store).add(name, id, entries));
            ChangeOutput.warn(output, entries);
            return Exit.FINE;
        });
    }
}
