package io.hipache.cli;

import io.hipache.cli.program.Supervisors;
import io.hipache.supervisor.ReloadRequest;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hipache reload}: has the running program read its configuration again, and says what became of it. */
@Command(
        name = "reload",
        description =
                "Has the running Hipache read its configuration again, as SIGHUP does, and waits for the outcome.",
        mixinStandardHelpOptions = true,
        versionProvider = HipacheVersion.class,
        synopsisHeading = "usage: ",
        customSynopsis = "hipache reload [PID]",
        footer = {
            "",
            "exit code: 0 when the new configuration is in force everywhere, 1 when it is not,",
            "2 when there is no such program or the command line is wrong"
        })
final class ReloadCommand implements Callable<Integer> {
    private static final int REFUSED = 1;
    private static final int NOBODY = 2;

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "PID",
            description = "process id of the supervisor; not needed when there is only one that this user can ask")
    private @Nullable Long pid;

    @Override
    public Integer call() {
        CommandLine commandLine = spec == null ? new CommandLine(this) : spec.commandLine();
        try {
            ReloadRequest.Outcome outcome = ReloadRequest.send(pid == null ? Supervisors.only() : pid);
            outcome.lines().forEach(line -> (outcome.complete() ? commandLine.getOut() : commandLine.getErr())
                    .println("hipache: " + line));
            return outcome.complete() ? 0 : REFUSED;
        } catch (IOException e) {
            commandLine.getErr().println("hipache: " + e.getMessage());
            return NOBODY;
        }
    }
}
