package io.hipache.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code hipache man-page}: the manual page, made of the same words as the help. */
@Command(
        name = "man-page",
        description = "Prints the manual page: hipache man-page | man -l -",
        mixinStandardHelpOptions = true)
final class ManPageCommand implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        if (spec == null) {
            throw new IllegalStateException("not run by picocli");
        }
        PrintWriter out = spec.commandLine().getOut();
        out.print(new ManPage(spec.root(), HipacheVersion.number()).text());
        out.flush();
        return 0;
    }
}
