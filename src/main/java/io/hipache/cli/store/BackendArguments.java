package io.hipache.cli.store;

import io.hipache.cli.common.Exit;
import io.hipache.cli.common.StoreOptions;
import io.hipache.frontends.Change;
import io.hipache.frontends.FrontendName;
import io.hipache.frontends.InvalidInputException;
import io.hipache.store.StoreException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What {@code add} and {@code set} take: a frontend and backends. */
final class BackendArguments {

    @Option(
            names = "--id",
            paramLabel = "NAME",
            description = "the identifier, which logs show; needed where there is no such frontend yet")
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

    /** How a frontend is changed. */
    interface Step {
        Change.Result run(Change change, String name, @Nullable String identifier, List<String> entries)
                throws StoreException, InvalidInputException;
    }

    /** Changes the frontend and says what was done. Returns the exit code. */
    int write(StoreOptions options, Step step) {
        return options.withStore((store, config, output) -> {
            String name = FrontendName.of(host);
            List<String> entries = FrontendName.entries(urls, force);
            String id = identifier == null ? null : FrontendName.identifier(identifier);
            ChangeOutput.print(output, name, step.run(new Change(store), name, id, entries));
            ChangeOutput.warn(output, entries);
            return Exit.FINE;
        });
    }
}
