package io.hipache.cli.program;

import io.hipache.supervisor.SupervisorRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code hipache upgrade}: has the running program start its successor, and says whether that one serves. */
@Command(
        name = "upgrade",
        description = {
            "Has the running Hipache start the installed version, which takes over, as SIGUSR2 does, and waits for the outcome.",
            "The old processes go on until they have finished their requests; nobody waits for that."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "exit code: 0 when the new program serves, 1 when it does not and the old one goes on,",
            "2 when there is no such program or the command line is wrong"
        })
public final class UpgradeCommand implements Callable<Integer> {

    @Mixin
    private final ProgramOptions options = new ProgramOptions();

    @Override
    public Integer call() {
        return options.ask(SupervisorRequest::upgrade);
    }
}
