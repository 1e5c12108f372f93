package io.hipache.cli.program;

import io.hipache.cli.common.Output;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** Tells the outcome of a command to the running program. */
final class ProgramOutput {

    private ProgramOutput() {}

    static Output of(@Nullable CommandSpec spec, boolean json) {
        if (spec == null) {
            throw new IllegalStateException("not run by picocli");
        }
        return new Output(spec.commandLine().getOut(), spec.commandLine().getErr(), json);
    }

    static void tell(Output output, boolean fine, long pid, String words) {
        if (output.json()) {
            output.value(Output.object("pid", pid, "done", fine, "message", words));
        } else if (fine) {
            output.line(words);
            output.out().flush();
        } else {
            output.problem(words);
        }
    }
}
