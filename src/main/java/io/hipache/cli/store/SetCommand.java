package io.hipache.cli.store;

import io.hipache.cli.common.Setting;
import io.hipache.cli.common.StoreOptions;
import io.hipache.frontends.Change;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code hipache set}: puts another list in the place of a frontend, in one step. */
@Command(
        name = "set",
        description = "Gives a frontend these backends and no others, in one atomic step.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "exit code: 0 when the frontend is like this, 1 when the key is not a list, 2 when it cannot be"})
public final class SetCommand implements Callable<Integer> {

    @Mixin
    private final StoreOptions options;

    @Mixin
    private final BackendArguments arguments = new BackendArguments();

    public SetCommand(Setting setting) {
        this.options = new StoreOptions(setting);
    }

    @Override
    public Integer call() {
        return arguments.write(options, Change::set);
    }
}
