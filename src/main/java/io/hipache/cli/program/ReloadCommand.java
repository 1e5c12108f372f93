package io.hipache.cli.program;

import io.hipache.supervisor.SupervisorRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code hipache reload}: has the running program read its configuration again, and says what became of it. */
@Command(
        name = "reload",
        description =
                "Has the running Hipache read its configuration again, as SIGHUP does, and waits for the outcome.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "exit code: 0 when the new configuration is in force everywhere, 1 when it is not,",
            "2 when there is no such program or the command line is wrong"
        })
public final class ReloadCommand implements Callable<Integer> {

    @Mixin
    private final ProgramOptions options = new ProgramOptions();

    @Override
    public Integer call() {
        return options.ask(SupervisorRequest::reload);
    }
}
