package io.hipache.cli.store;

import static io.hipache.frontends.Members.members;

import io.hipache.cli.common.Exit;
import io.hipache.cli.common.Output;
import io.hipache.cli.common.Setting;
import io.hipache.cli.common.StoreOptions;
import io.hipache.frontends.Change;
import io.hipache.frontends.Difference;
import io.hipache.frontends.Difference.Kind;
import io.hipache.frontends.Difference.Step;
import io.hipache.frontends.FrontendFile;
import io.hipache.frontends.InvalidInputException;
import io.hipache.frontends.WrongType;
import io.hipache.messages.Quantity;
import io.hipache.store.StoreConnection;
import io.hipache.store.StoreException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hipache import}: writes the frontends of a file into Redis, once or whenever they differ. */
@Command(
        name = "import",
        description =
                "Writes the frontends of a file into Redis: first what differs, then one atomic step for each host.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "exit code: 0 when Redis has what the file says, 1 when it has not (with --dry-run: when something differs),",
            "2 when the file or the command line is wrong, or without Redis"
        })
public final class ImportCommand implements Callable<Integer> {

    @Mixin
    private final StoreOptions options;

    @Option(names = "--dry-run", description = "only say what differs")
    private boolean dryRun;

    @Option(names = "--prune", description = "also remove frontends that the file does not have")
    private boolean prune;

    @Option(names = "--yes", description = "remove also more than half of all frontends")
    private boolean yes;

    @Option(names = "--force", description = "also write entries to which no request can go")
    private boolean force;

    @Option(
            names = "--watch",
            description = "go on: follow the file, and write again what Redis has lost or somebody has changed")
    private boolean watch;

    @Option(
            names = "--interval",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description =
                    "with --watch: how often Redis is compared with a file that has not changed; the default is 10")
    private int interval;

    @Parameters(paramLabel = "FILE", description = "JSON or YAML: {frontends: {host: {id: name, backends: [url]}}}")
    private Path file = Path.of("");

    public ImportCommand(Setting setting) {
        this.options = new StoreOptions(setting);
    }

    @Override
    public Integer call() {
        return options.withStore((store, config, output) -> {
            if (interval < 1 || (watch && dryRun)) {
                throw new InvalidInputException(
                        interval < 1 ? "--interval: expected at least 1" : "--watch and --dry-run cannot be combined");
            }
            if (watch) {
                return new Watch(file, interval, () -> once(store, output), output).run();
            }
            return once(store, output);
        });
    }

    private int once(StoreConnection store, Output output) throws StoreException, InvalidInputException {
        FrontendFile wanted = FileFormat.read(file, force);
        Difference difference = Difference.between(store, wanted, prune);
        print(store, difference, output);
        boolean refused = !dryRun && difference.isDrastic() && !yes;
        if (dryRun || refused) {
            count(difference, ", nothing was written", output);
        }
        if (dryRun) {
            return difference.steps().isEmpty() ? Exit.FINE : Exit.WRONG;
        }
        if (refused) {
            throw new InvalidInputException("nothing was written, because this would remove "
                    + Quantity.of(difference.count(Kind.REMOVE), "frontend", "frontends")
                    + ", more than half of all; say --yes if that is meant");
        }
        difference.apply(new Change(store));
        count(difference, "", output);
        return difference.count(Kind.WRONG_TYPE) == 0 ? Exit.FINE : Exit.WRONG;
    }

    private void print(StoreConnection store, Difference difference, Output output) {
        if (output.json()) {
            List<Object> steps =
                    difference.steps().stream().map(ImportCommand::json).toList();
            if (!watch || !steps.isEmpty()) {
                output.value(steps);
            }
            return;
        }
        for (Step step : difference.steps()) {
            if (step.kind() == Kind.WRONG_TYPE) {
                output.problem(step.name() + " is left alone: " + WrongType.list(store, step.name()));
                continue;
            }
            output.line(step.name());
            step.lines().forEach(line -> output.line("  " + line));
        }
        output.out().flush();
    }

    /** The sum, which is a promise: so it is told when all is written, or with the words that nothing is. */
    private void count(Difference difference, String end, Output output) {
        if (!output.json() && (!watch || !difference.steps().isEmpty())) {
            output.line(difference.count(Kind.ADD) + " added, " + difference.count(Kind.CHANGE) + " changed, "
                    + difference.count(Kind.REMOVE) + " removed" + end);
            output.out().flush();
        }
    }

    private static Object json(Step step) {
        return members(
                "name",
                step.name(),
                "step",
                step.kind().name().toLowerCase(Locale.ROOT),
                "before",
                step.before() == null
                        ? null
                        : members(
                                "id",
                                step.before().id(),
                                "backends",
                                step.before().backends()),
                "after",
                step.after() == null
                        ? null
                        : members(
                                "id",
                                step.after().id(),
                                "backends",
                                step.after().backends()));
    }
}
