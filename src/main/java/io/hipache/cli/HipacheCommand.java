package io.hipache.cli;

import io.hipache.cli.common.Setting;
import io.hipache.cli.program.HealthcheckCommand;
import io.hipache.cli.program.ReloadCommand;
import io.hipache.cli.program.StatusCommand;
import io.hipache.cli.program.StopCommand;
import io.hipache.cli.program.TopCommand;
import io.hipache.cli.program.UpgradeCommand;
import io.hipache.cli.store.AddCommand;
import io.hipache.cli.store.AdminView;
import io.hipache.cli.store.CertificatesCommand;
import io.hipache.cli.store.CheckCommand;
import io.hipache.cli.store.DeadCommand;
import io.hipache.cli.store.DrainCommand;
import io.hipache.cli.store.ExplainCommand;
import io.hipache.cli.store.ExportCommand;
import io.hipache.cli.store.FrontendsCommand;
import io.hipache.cli.store.ImportCommand;
import io.hipache.cli.store.RemoveCommand;
import io.hipache.cli.store.ReviveCommand;
import io.hipache.cli.store.SetCommand;
import io.hipache.config.ConfigException;
import io.hipache.config.ConfigJson;
import io.hipache.config.ConfigLoader;
import io.hipache.config.HipacheConfig;
import io.hipache.config.Installation;
import io.hipache.config.LoadedConfig;
import io.hipache.messages.LogStyle;
import io.hipache.messages.Quantity;
import io.hipache.supervisor.Supervisor;
import io.hipache.supervisor.SupervisorRequest;
import io.hipache.supervisor.process.MessageLog;
import io.hipache.supervisor.upgrade.Succession;
import io.hipache.worker.WorkerLimits;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The command line. It reports mistakes in the arguments or the configuration, or else starts the supervisor. */
@Command(
        name = "hipache",
        description = "A distributed reverse proxy for HTTP and WebSocket that asks Redis where to go.",
        mixinStandardHelpOptions = true,
        versionProvider = HipacheVersion.class,
        sortOptions = false,
        synopsisHeading = "usage: ",
        customSynopsis = {"hipache [options]", "       hipache COMMAND …"},
        commandListHeading = "%ncommands:%n",
        optionListHeading = "%noptions:%n",
        footer = {
            "",
            "Without --config: config.json of the installation, or config_<flavor>.json",
            "when the environment variable SETTINGS_FLAVOR names a flavor.",
            "",
            "exit code: 0 after an orderly end, 1 when it could not start,",
            "2 when the command line or the configuration is wrong"
        })
public final class HipacheCommand implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(HipacheCommand.class);

    static final int NOT_STARTED = 1;
    static final int WRONG_CONFIGURATION = 2;

    /** The commands that describe all others. */
    private static final Set<String> ABOUT_ALL = Set.of("completion", "man-page");

    private final Installation installation;
    private final @Nullable String flavor;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "location of the configuration file")
    private @Nullable Path file;

    @Option(
            names = {"-d", "-t", "--dry"},
            description = "check the configuration, the ports, folders and Redis, print all keys, and exit")
    private boolean dry;

    @Option(names = "--offline", description = "with --dry: look at nothing but the configuration and its files")
    private boolean offline;

    @Option(
            names = "--list-classes",
            hidden = true,
            paramLabel = "FILE",
            description = "list the classes of a worker in a file, of which the launcher makes an archive")
    private @Nullable Path classes;

    @Option(
            names = Succession.OPTION,
            paramLabel = "PID",
            description = "take over from the supervisor with this process id; it ends once its requests are finished")
    private @Nullable Long predecessor;

    @CommandLine.ArgGroup(exclusive = false)
    private @Nullable DevOptions dev;

    HipacheCommand(Installation installation, @Nullable String flavor) {
        this.installation = installation;
        this.flavor = flavor;
    }

    /** Runs until the program ends; the result is the exit code of the process. */
    public static int run(String... args) {
        MessageLog.begin();
        return run(Installation.find(), System.getenv("SETTINGS_FLAVOR"), args);
    }

    static int run(Installation installation, @Nullable String flavor, String... args) {
        if (isUsualStart(args)) {
            HipacheCommand command = new HipacheCommand(installation, flavor);
            try {
                command.file = args.length == 0 ? null : Path.of(args[1]);
                return command.start();
            } catch (InvalidPathException e) {
                // picocli says so
            }
        }
        return commandLine(installation, flavor, args).execute(args);
    }

    /**
     * Whether the words are those of nearly every start. The program understands these without picocli, which takes a tenth of a
     * second and 1 MB of the supervisor. Picocli gets all other words, and says what is wrong with them.
     */
    private static boolean isUsualStart(String... args) {
        return args.length == 0
                || (args.length == 2
                        && (args[0].equals("--config") || args[0].equals("-c"))
                        && !args[1].isEmpty()
                        // another option, or a file with words
                        && args[1].charAt(0) != '-'
                        && args[1].charAt(0) != '@');
    }

    private int start() {
        try {
            return call();
        } catch (IOException | ConfigException | RuntimeException e) {
            return failed(e);
        }
    }

    private static int failed(Exception e) {
        log.error("hipache ends because of a bug in hipache", e);
        return NOT_STARTED;
    }

    /**
     * The command line for these words. All commands are in it only where the words ask for help or are wrong: to read the
     * annotations of all of them takes longer than the supervisor needs to read its configuration.
     */
    static CommandLine commandLine(Installation installation, @Nullable String flavor, String... args) {
        Map<String, Supplier<Object>> commands = commands(new Setting(installation, flavor));
        String first = args.length == 0 ? "" : args[0];
        if (!ABOUT_ALL.contains(first)) {
            Supplier<Object> named = commands.get(first);
            CommandLine few = with(named == null ? List.of() : List.of(named), installation, flavor);
            try {
                if (!few.parseArgs(args).isUsageHelpRequested()) {
                    return few;
                }
            } catch (ParameterException e) {
                // picocli says so again, and knows the names of all commands
            }
        }
        return with(commands.values(), installation, flavor);
    }

    private static CommandLine with(
            Collection<Supplier<Object>> commands, Installation installation, @Nullable String flavor) {
        CommandLine line = new CommandLine(new HipacheCommand(installation, flavor));
        commands.forEach(command -> line.addSubcommand(command.get()));
        line.getSubcommands().values().forEach(command -> command.getCommandSpec()
                .versionProvider(new HipacheVersion()));
        line.setExecutionStrategy(HipacheCommand::runLast);
        line.setParameterExceptionHandler(new WrongCommandLine());
        return line.setExecutionExceptionHandler((e, command, parsed) -> failed(e));
    }

    /** Each command has options of its own. Those of the program in front of a command would be lost without a word. */
    private static int runLast(ParseResult parsed) {
        boolean asksForHelp = parsed.isUsageHelpRequested() || parsed.isVersionHelpRequested();
        if (parsed.hasSubcommand() && !parsed.matchedOptions().isEmpty() && !asksForHelp) {
            String option = parsed.matchedOptions().get(0).longestName();
            throw new ParameterException(
                    parsed.commandSpec().commandLine(),
                    WrongCommandLine.misplaced(option, parsed.subcommand().commandSpec()));
        }
        return new CommandLine.RunLast().execute(parsed);
    }

    /** The commands by name, in the order of the usage. */
    static Map<String, Supplier<Object>> commands(Setting setting) {
        Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
        commands.put("explain", () -> new ExplainCommand(setting, new AdminView()));
        commands.put("check", () -> new CheckCommand(setting));
        commands.put("frontends", () -> new FrontendsCommand(setting));
        commands.put("add", () -> new AddCommand(setting));
        commands.put("remove", () -> new RemoveCommand(setting));
        commands.put("drain", () -> new DrainCommand(setting));
        commands.put("set", () -> new SetCommand(setting));
        commands.put("dead", () -> new DeadCommand(setting));
        commands.put("revive", () -> new ReviveCommand(setting));
        commands.put("certificates", () -> new CertificatesCommand(setting));
        commands.put("import", () -> new ImportCommand(setting));
        commands.put("export", () -> new ExportCommand(setting));
        commands.put("status", () -> new StatusCommand(setting, HipacheVersion.number()));
        commands.put("top", () -> new TopCommand(setting));
        commands.put("healthcheck", () -> new HealthcheckCommand(setting));
        commands.put("reload", ReloadCommand::new);
        commands.put("upgrade", UpgradeCommand::new);
        commands.put("stop", StopCommand::new);
        commands.put("completion", CompletionCommand::new);
        commands.put("man-page", ManPageCommand::new);
        return commands;
    }

    @Override
    public Integer call() throws IOException, ConfigException {
        if (classes != null) {
            ConfigLoader loader = ConfigLoader.here(installation, Map.of());
            return new Rehearsal(loader).run(classes, config -> serve(loader, config, Succession.NONE));
        }
        if (predecessor != null && (dry || dev != null || predecessor <= 0)) {
            throw new ParameterException(
                    commandLine(), "--upgrade needs a process id, and cannot be combined with --dry or --dev");
        }
        if (dev != null) {
            if (dry) {
                throw new ParameterException(commandLine(), "--dry and --dev cannot be combined");
            }
            return new DevCommand(ConfigLoader.here(installation), commandLine()).run(dev, file);
        }
        if (offline && !dry) {
            throw new ParameterException(commandLine(), "--offline needs --dry");
        }
        Path chosen = file == null ? installation.configFile(flavor) : file;
        return serve(ConfigLoader.here(installation), chosen, succession());
    }

    private int serve(ConfigLoader loader, Path chosen, Succession succession) throws IOException {
        log.info("Loading config from {}", chosen);
        HipacheConfig config;
        List<String> origins;
        try {
            LoadedConfig loaded = loader.load(chosen);
            config = warned(loaded);
            origins = loaded.origins();
        } catch (ConfigException e) {
            PrintWriter err = spec == null
                    ? new PrintWriter(System.err, true, StandardCharsets.UTF_8)
                    : commandLine().getErr();
            report(err, chosen.toString(), e);
            if (predecessor != null) {
                SupervisorRequest.callOff(predecessor, chosen + " cannot be used: " + String.join("; ", e.problems()));
            }
            return WRONG_CONFIGURATION;
        }
        if (dry) {
            commandLine().getOut().println(ConfigJson.masked(config, WorkerLimits.derived(config.server())));
            origins.forEach(log::info);
            if (!offline) {
                MachineChecks.of(config).forEach(problem -> log.warn("WARNING! {}", problem));
            }
            return 0;
        }
        LogStyle.use(config.server().debug(), config.server().isoLogTime());
        return Supervisor.run(
                config,
                () -> {
                    log.info("reload: loading config from {}", chosen);
                    return loader.loadAgain(chosen);
                },
                succession);
    }

    /** How to start a successor: like this program, with the launcher, which then starts the installed version. */
    private Succession succession() {
        String launcher = System.getProperty("hipache.launcher");
        List<String> words = new ArrayList<>();
        if (launcher != null) {
            words.add(launcher);
            if (file != null) {
                words.addAll(List.of("--config", file.toString()));
            }
        }
        return new Succession(words, predecessor == null ? Succession.NOBODY : predecessor);
    }

    private static HipacheConfig warned(LoadedConfig loaded) {
        loaded.warnings().forEach(warning -> log.warn("WARNING! {}", warning));
        return loaded.config();
    }

    static void report(PrintWriter err, String source, ConfigException e) {
        int count = e.problems().size();
        err.println("hipache: " + source + " cannot be used, " + Quantity.of(count, "problem", "problems") + ":");
        e.problems().forEach(problem -> err.println("  " + problem));
        e.warnings().forEach(warning -> err.println("  warning: " + warning));
        err.flush();
    }

    private CommandLine commandLine() {
        if (spec == null) {
            throw new IllegalStateException("not run by picocli");
        }
        return spec.commandLine();
    }
}
