package io.hipache.cli.program;

import io.hipache.cli.common.Output;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Which running program a command is about, and how its outcome is told. */
public final class ProgramOptions {

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Parameters(
            arity = "0..1",
            paramLabel = "PID",
            description = "process id of the supervisor; not needed when there is only one that this user can ask")
    private @Nullable Long pid;

    /** The process id of the supervisor that is meant. */
    long chosen() throws IOException {
        return Supervisors.chosen(pid);
    }

    Output output() {
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
