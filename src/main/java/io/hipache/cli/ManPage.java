package io.hipache.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** A manual page in roff, see man(7), made from the descriptions of the command line. */
final class ManPage {

    private final CommandSpec root;
    private final String version;
    private final StringBuilder page = new StringBuilder();

    ManPage(CommandSpec root, String version) {
        this.root = root;
        this.version = version;
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
        words(root.usageMessage().footer());
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
                    + (parameter.arity().max() > 1 ? "…" : "");
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
        boolean looksLikeMacro = (text.startsWith(".") && !text.equals(".br")) || text.startsWith("'");
        page.append(looksLikeMacro ? "\\&" : "").append(text).append('\n');
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\e").replace("-", "\\-").replace("%n", " ").replace("%%", "%");
    }
}
