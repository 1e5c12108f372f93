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

/** {@code hipache set}: puts another list in the place of a frontend, in one step. */
@Command(
        name = "set",
        description = "Gives a frontend these backends and no others, in one atomic step.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "exit code: 0 when the frontend is like this, 2 when it cannot be"})
public final class SetCommand implements Callable<Integer> {

    @Mixin
    private final StoreOptions options;

    @Option(
            names = "--id",
            paramLabel = "NAME",
            description = "the identifier; not needed when the frontend exists and is to keep its own")
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

    public SetCommand(Setting setting) {
        this.options = new StoreOptions(setting);
    }

    @Override
    public Integer call() {
        return options.withStore((store, config, output) -> {
            String name = FrontendName.of(host);
            List<String> entries = FrontendName.entries(urls, force);
            String id = identifier == null ? null : FrontendName.identifier(identifier);
            ChangeOutput.print(output, name, new Change(store).set(name, id, entries));
            ChangeOutput.warn(output, entries);
            return Exit.FINE;
        });
    }
}
