package io.hipache.cli.program;

import io.hipache.cli.common.Exit;
import io.hipache.cli.common.Output;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code hipache stop}: ends the running program, as SIGTERM does, and waits. */
@Command(
        name = "stop",
        description = "Ends the running Hipache, as SIGTERM does, and waits until it has ended.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "exit code: 0 when it has ended, 1 when it has not, 2 when there is no such program"})
public final class StopCommand implements Callable<Integer> {

    @Mixin
    private final ProgramOptions options = new ProgramOptions();

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "how long to wait; the default is 60. Requests in flight have server.stopTimeout")
    private int wait;

    @Override
    public Integer call() {
        Output output = options.output();
        try {
            long chosen = options.chosen();
            ProcessHandle process = ProcessHandle.of(chosen)
                    .orElseThrow(() -> new IOException("process " + chosen + " has ended already"));
            if (!process.destroy()) {
                throw new IOException("process " + chosen + " takes no signal of this user");
            }
            boolean ended = ended(process);
            ProgramOptions.tell(
                    output,
                    ended,
                    chosen,
                    ended
                            ? "process " + chosen + " has ended"
                            : "process " + chosen + " has not ended after " + wait + " s, its log says more");
            return ended ? Exit.FINE : Exit.WRONG;
        } catch (IOException e) {
            output.problem(String.valueOf(e.getMessage()));
            return Exit.USAGE;
        }
    }

    private boolean ended(ProcessHandle process) throws IOException {
        try {
            process.onExit().get(wait, TimeUnit.SECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IOException("process " + process.pid() + " cannot be waited for", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
