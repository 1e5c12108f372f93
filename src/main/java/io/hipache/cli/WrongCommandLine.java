package io.hipache.cli;

import io.hipache.cli.common.Exit;
import io.hipache.cli.common.Output;
import io.hipache.config.json.NearestKey;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says what is wrong with a command line: one line, and one that says where the help is. The help itself would hide the first one. */
final class WrongCommandLine implements IParameterExceptionHandler {
    private static final String PREFIX = "Invalid value for .*?\\): ";

    @Override
    public int handleParseException(ParameterException e, String[] args) {
        CommandLine line = e.getCommandLine();
        new Output(line.getOut(), line.getErr(), false).problem(words(e, args).replaceAll("\\s+", " "));
        line.getErr().println("Try '" + line.getCommandSpec().qualifiedName() + " --help'");
        line.getErr().flush();
        return Exit.USAGE;
    }

    private static String words(ParameterException e, String... args) {
        CommandSpec command = e.getCommandLine().getCommandSpec();
        if (e instanceof UnmatchedArgumentException unmatched) {
            return unmatched(command, unmatched, args);
        }
        if (e instanceof MissingParameterException missing
                && !missing.getMissing().isEmpty()) {
            return missing(command, missing.getMissing().get(0));
        }
        if (e instanceof OverwrittenOptionException twice) {
            return name(twice.getOverwritten()) + " stands there twice";
        }
        return e.getArgSpec() == null ? String.valueOf(e.getMessage()) : wrongValue(e, e.getArgSpec());
    }

    private static String unmatched(CommandSpec command, UnmatchedArgumentException e, String... args) {
        String word = e.getUnmatched().get(0);
        if (!e.isUnknownOption()) {
            return command.parent() == null
                    ? "there is no command '" + word + "'"
                            + nearest(word, command.subcommands().keySet())
                    : "'" + word + "' is one argument too many: " + takes(command);
        }
        Optional<CommandLine> behind = command.parent() == null ? firstCommand(command, args) : Optional.empty();
        if (behind.isPresent()) {
            return misplaced(word.replaceFirst("=.*", ""), behind.get().getCommandSpec());
        }
        return command.qualifiedName() + " has no option '" + word + "'"
                + nearest(word, command.optionsMap().keySet());
    }

    /** Options of the program, or of a command, in front of that command. */
    static String misplaced(String option, CommandSpec command) {
        String name = command.qualifiedName();
        return option + " in front of a command has no effect. "
                + (command.findOption(option) == null
                        ? name + " has no such option. Its own options stand behind the command"
                        : "Put the options behind the command: " + name + " " + option + " …");
    }

    private static Optional<CommandLine> firstCommand(CommandSpec root, String... args) {
        return Arrays.stream(args)
                .filter(root.subcommands()::containsKey)
                .findFirst()
                .map(root.subcommands()::get);
    }

    private static String nearest(String word, Set<String> known) {
        return NearestKey.amongVariables("", word, known)
                .map(name -> "; did you mean " + name + "?")
                .orElse("");
    }

    private static String takes(CommandSpec command) {
        String arguments = command.positionalParameters().stream()
                .map(PositionalParamSpec::paramLabel)
                .collect(Collectors.joining(" "));
        return command.qualifiedName() + " takes "
                + (arguments.isEmpty() ? "options alone" : arguments + " and options");
    }

    private static String missing(CommandSpec command, ArgSpec missing) {
        if (missing instanceof OptionSpec option) {
            return option.arity().max() > 0
                    ? option.longestName() + " needs a value: " + option.paramLabel()
                    : option.longestName() + " is missing";
        }
        return name(missing) + " is missing: " + takes(command);
    }

    private static String wrongValue(ParameterException e, ArgSpec argument) {
        String value = e.getValue();
        String expected = expected(argument);
        String place = argument.isOption() ? name(argument) + ": " : "";
        return expected == null || value == null
                ? place + String.valueOf(e.getMessage()).replaceFirst(PREFIX, "")
                : name(argument) + ": expected " + expected + ", got '" + value + "'";
    }

    /** Null when the message says so itself. */
    private static @Nullable String expected(ArgSpec argument) {
        Class<?> type = argument.type();
        if (argument.converters().length > 0) {
            return null;
        }
        if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants()).map(String::valueOf).collect(Collectors.joining(" or "));
        }
        return List.of(int.class, Integer.class, long.class, Long.class).contains(type) ? "a whole number" : null;
    }

    private static String name(ArgSpec argument) {
        return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
    }
}
