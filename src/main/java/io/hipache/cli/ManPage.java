package io.hipache.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** A manual page in roff, see man(7), made from the descriptions of the command line. */
final class ManPage {

    private static final String EXIT_CODE = "exit code: ";

    private static final Map<String, String> ENVIRONMENT = environment();

    private final CommandSpec root;
    private final String version;
    private final StringBuilder page = new StringBuilder();

    ManPage(CommandSpec root, String version) {
        this.root = root;
        this.version = version;
    }

    private static Map<String, String> environment() {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("SETTINGS_FLAVOR", "Without --config: config_<flavor>.json is read instead of config.json.");
        variables.put(
                "HIPACHE_…",
                "The key of the configuration with this name, such as HIPACHE_SERVER_PORT for server.port. It counts more than the file.");
        variables.put(
                "HIPACHE_…_FILE",
                "A file that holds the value of a secret key, such as HIPACHE_DRIVER_FILE for driver.");
        variables.put("HIPACHE_JAVA_OPTS", "Further options for the Java of the supervisor.");
        variables.put("JAVA_HOME", "Where Java is looked for first, then in the PATH.");
        return variables;
    }

    String text() {
        macro("TH", "HIPACHE", "8", "", "hipache " + version, "");
        macro("SH", "NAME");
        line("hipache \\- a reverse proxy that asks Redis where to go");
        macro("SH", "SYNOPSIS");
        synopsis(root);
        for (CommandLine command : commands()) {
            line(".br");
            synopsis(command.getCommandSpec());
        }
        macro("SH", "DESCRIPTION");
        words(root.usageMessage().description());
        macro("SH", "OPTIONS");
        root.options().stream().filter(option -> !option.hidden()).forEach(this::option);
        macro("SH", "COMMANDS");
        for (CommandLine command : commands()) {
            command(command.getCommandSpec());
        }
        macro("SH", "EXIT STATUS");
        macro("TP");
        line("of the program");
        List<String> footer = List.of(root.usageMessage().footer());
        int codes = footer.indexOf(footer.stream()
                .filter(line -> line.startsWith(EXIT_CODE))
                .findFirst()
                .orElseThrow());
        words(footer.get(codes).substring(EXIT_CODE.length()));
        words(footer.subList(codes + 1, footer.size()).toArray(String[]::new));
        macro("TP");
        line("of a command");
        words(
                "0 when all is well, 1 when something is wrong or was not found,",
                "2 when the command line or the configuration is wrong, or Redis cannot be asked.",
                "COMMANDS has the codes of each one.");
        macro("SH", "ENVIRONMENT");
        for (Map.Entry<String, String> variable : ENVIRONMENT.entrySet()) {
            macro("TP");
            line("\\fB" + escaped(variable.getKey()) + "\\fR");
            words(variable.getValue());
        }
        macro("SH", "FILES");
        macro("TP");
        line("\\fB/etc/hipache/config.json\\fR, \\fB/usr/local/etc/hipache/config.json\\fR");
        words("The configuration of a package, and of scripts/install.");
        words(footer.subList(0, codes).toArray(String[]::new));
        macro("TP");
        line("\\fB/etc/default/hipache\\fR, \\fB/usr/local/etc/default/hipache\\fR");
        words("The environment of the service, which systemd reads when the service starts.");
        macro("SH", "SEE ALSO");
        line(".BR redis\\-server (1),");
        line(".BR redis\\-cli (1),");
        line(".BR systemctl (1),");
        line(".BR logrotate (8)");
        macro("PP");
        words("The documentation of Hipache: commands.md, configuration.md, operations.md, troubleshooting.md.");
        return page.toString();
    }

    private List<CommandLine> commands() {
        return root.subcommands().values().stream()
                .distinct()
                .filter(command -> !command.getCommandSpec().usageMessage().hidden())
                .toList();
    }

    private void synopsis(CommandSpec spec) {
        StringBuilder synopsis = new StringBuilder("\\fB" + escaped(spec.qualifiedName()) + "\\fR [\\fIoptions\\fR]");
        for (PositionalParamSpec parameter : spec.positionalParameters()) {
            String label = "\\fI" + escaped(parameter.paramLabel()) + "\\fR"
                    + (parameter.arity().max() > 1 ? escaped("…") : "");
            synopsis.append(' ').append(parameter.required() ? label : "[" + label + "]");
        }
        line(synopsis.toString());
    }

    private void command(CommandSpec spec) {
        macro("SS", spec.qualifiedName());
        words(spec.usageMessage().description());
        spec.positionalParameters().forEach(parameter -> argument(escaped(parameter.paramLabel()), parameter));
        spec.options().stream()
                .filter(option -> !option.hidden() && !option.usageHelp() && !option.versionHelp())
                .forEach(this::option);
        macro("PP");
        words(spec.usageMessage().footer());
    }

    private void option(OptionSpec option) {
        String value = option.arity().max() > 0 ? " \\fI" + escaped(option.paramLabel()) + "\\fR" : "";
        argument("\\fB" + escaped(String.join(", ", option.names())) + "\\fR" + value, option);
    }

    private void argument(String term, ArgSpec argument) {
        macro("TP");
        line(term);
        words(argument.description());
    }

    private void words(String... lines) {
        for (String words : lines) {
            if (!words.isBlank()) {
                line(escaped(words));
            }
        }
    }

    private void macro(String name, String... arguments) {
        page.append('.').append(name);
        for (String argument : arguments) {
            page.append(" \"").append(escaped(argument)).append('"');
        }
        page.append('\n');
    }

    /** A line of text. A dot or a quote at its begin would make it a macro. */
    private void line(String text) {
        boolean macro = text.equals(".br") || text.startsWith(".BR ");
        boolean looksLikeMacro = (text.startsWith(".") && !macro) || text.startsWith("'");
        page.append(looksLikeMacro ? "\\&" : "").append(text).append('\n');
    }

    /** Characters beyond ASCII by their numbers: groff takes the bytes of UTF-8 for Latin-1 unless it is told otherwise. */
    private static String escaped(String text) {
        String escaped =
                text.replace("\\", "\\e").replace("-", "\\-").replace("%n", " ").replace("%%", "%");
        return escaped.codePoints()
                .mapToObj(c -> c < 128 ? Character.toString(c) : String.format("\\[u%04X]", c))
                .collect(Collectors.joining());
    }
}
