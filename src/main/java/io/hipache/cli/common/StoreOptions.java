package io.hipache.cli.common;

import io.hipache.config.ConfigException;
import io.hipache.config.ConfigLoader;
import io.hipache.config.HipacheConfig;
import io.hipache.driver.redis.ClientName;
import io.hipache.frontends.InvalidInputException;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreEndpoints;
import io.hipache.store.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of every command that reads the configuration, and what follows from them. */
public final class StoreOptions {

    private final Setting setting;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "the configuration file, as for the program itself")
    private @Nullable Path file;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    public StoreOptions(Setting setting) {
        this.setting = setting;
    }

    /** What a command does with the store. */
    public interface Task {
        int run(StoreConnection store, HipacheConfig config, Output output) throws IOException, InvalidInputException;
    }

    /** What a command does with the configuration alone. */
    public interface LocalTask {
        int run(HipacheConfig config, Output output) throws IOException, InvalidInputException;
    }

    /** Runs a task with the store of the configuration. Returns the exit code, and has said what went wrong. */
    public int withStore(Task task) {
        return withConfig((config, output) -> {
            try (StoreConnection store = new StoreConnection(StoreEndpoints.of(config), ClientName.CLI)) {
                return task.run(store, config, output);
            }
        });
    }

    /** What a command does where the configuration cannot be used, and nothing was said about that yet. */
    public interface WithoutConfig {
        void run(String problem, Output output) throws IOException;
    }

    /** Runs a task with the configuration. Returns the exit code, and has said what went wrong. */
    public int withConfig(LocalTask task) {
        return withConfig(task, (problem, output) -> output.problem(problem));
    }

    /** As {@link #withConfig(LocalTask)}, for a command that has something to say without a configuration as well. */
    public int withConfig(LocalTask task, WithoutConfig otherwise) {
        Output output = output();
        HipacheConfig config;
        Path chosen = chosen();
        try {
            config = ConfigLoader.here(setting.installation()).load(chosen).config();
        } catch (ConfigException e) {
            return without(chosen + " cannot be used: " + String.join("; ", e.problems()), otherwise, output);
        }
        try {
            return task.run(config, output);
        } catch (StoreException e) {
            output.problem(e.getMessage()
                    + (e.kind() == StoreException.Kind.AWAY
                            ? "; hipache status says what clients get meanwhile, see "
                                    + setting.installation().page("docs/reliability.md#redis-away")
                            : ""));
            return e.kind() == StoreException.Kind.WRONG_TYPE ? Exit.WRONG : Exit.USAGE;
        } catch (InvalidInputException e) {
            output.problem(e.forCommandLine());
            return Exit.USAGE;
        } catch (IOException e) {
            output.problem(String.valueOf(e.getMessage()));
            return Exit.USAGE;
        } finally {
            output.out().flush();
        }
    }

    private static int without(String problem, WithoutConfig otherwise, Output output) {
        try {
            otherwise.run(problem, output);
        } catch (IOException e) {
            output.problem(String.valueOf(e.getMessage()));
        } finally {
            output.out().flush();
        }
        return Exit.USAGE;
    }

    /** The command line, for its streams. */
    public CommandLine commandLine() {
        if (command == null) {
            throw new IllegalStateException("not run by picocli");
        }
        return command.commandLine();
    }

    public Output output() {
        return new Output(commandLine().getOut(), commandLine().getErr(), json);
    }

    private Path chosen() {
        return file == null ? setting.installation().configFile(setting.flavor()) : file;
    }
}
