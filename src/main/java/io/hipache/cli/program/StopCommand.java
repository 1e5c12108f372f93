package io.hipache.cli.program;

import io.hipache.supervisor.SupervisorRequest.Outcome;
import java.io.IOException;
import java.util.List;
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
        return options.ask(this::stop);
    }

    private Outcome stop(long pid) throws IOException {
        if (wait < 0) {
            throw new IOException("--wait: expected at least 0");
        }
        ProcessHandle process =
                ProcessHandle.of(pid).orElseThrow(() -> new IOException("process " + pid + " has ended already"));
        if (!process.destroy()) {
            throw new IOException("process " + pid + " takes no signal of this user");
        }
        boolean ended = ended(process);
        return new Outcome(
                ended,
                List.of(
                        ended
                                ? "process " + pid + " has ended"
                                : "process " + pid + " has not ended after " + wait + " s, its log says more"));
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
