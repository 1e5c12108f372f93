package io.hipache.cli.program;

import static io.hipache.frontends.Members.members;

import io.hipache.cli.common.Exit;
import io.hipache.cli.common.Output;
import io.hipache.supervisor.SupervisorRequest.Outcome;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Which running program a command is about, and how its outcome is told. */
public final class ProgramOptions {

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Parameters(
            arity = "0..1",
            paramLabel = "PID",
            converter = ProcessId.class,
            description = "process id of the supervisor; not needed when there is only one that this user can ask")
    private @Nullable Long pid;

    /** Says in words what the place of the process id may not hold, such as a configuration file behind {@code -c}. */
    static final class ProcessId implements ITypeConverter<Long> {
        @Override
        public Long convert(String word) {
            try {
                return Long.valueOf(word);
            } catch (NumberFormatException e) {
                throw new TypeConversionException("expected the process id of the running Hipache, got '" + word
                        + "'. This command takes no configuration file: hipache status shows the process ids");
            }
        }
    }

    /** What a program is asked. */
    interface Question {
        Outcome ask(long pid) throws IOException;
    }

    /** Asks the program that is meant, and tells the outcome. Returns the exit code. */
    int ask(Question question) {
        Output output = output();
        try {
            long chosen = Supervisors.chosen(pid);
            Outcome outcome = question.ask(chosen);
            tell(output, chosen, outcome);
            return outcome.complete() ? Exit.FINE : Exit.WRONG;
        } catch (IOException e) {
            output.problem(String.valueOf(e.getMessage()));
            return Exit.USAGE;
        }
    }

    private static void tell(Output output, long pid, Outcome outcome) {
        if (output.json()) {
            output.value(members("pid", pid, "done", outcome.complete(), "messages", outcome.lines()));
        } else if (outcome.complete()) {
            outcome.lines().forEach(output::line);
            output.out().flush();
        } else {
            outcome.lines().forEach(output::problem);
        }
    }

    private Output output() {
        if (spec == null) {
            throw new IllegalStateException("not run by picocli");
        }
        return new Output(spec.commandLine().getOut(), spec.commandLine().getErr(), json);
    }
}
