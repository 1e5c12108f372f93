package io.hipache.cli.store;

import io.hipache.cli.common.Setting;
import io.hipache.cli.common.StoreOptions;
import io.hipache.frontends.Change;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code hipache add}: adds backends, and creates the frontend where an identifier is given. */
@Command(
        name = "add",
        description = "Adds backends to a frontend. With --id, creates the frontend when there is none yet.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "exit code: 0 when the backends are there, 1 when the key is not a list, 2 when they cannot be added"
        })
public final class AddCommand implements Callable<Integer> {

    @Mixin
    private final StoreOptions options;

    @Mixin
    private final BackendArguments arguments = new BackendArguments();

    public AddCommand(Setting setting) {
        this.options = new StoreOptions(setting);
    }

    @Override
    public Integer call() {
        return arguments.write(options, Change::add);
    }
}
