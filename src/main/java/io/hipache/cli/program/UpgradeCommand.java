package io.hipache.cli.program;

import io.hipache.cli.common.Exit;
import io.hipache.cli.common.Output;
import io.hipache.supervisor.ReloadRequest;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code hipache upgrade}: has the running program start its successor, as SIGUSR2 does, and waits. */
@Command(
        name = "upgrade",
        description =
                "Has the running Hipache start the installed version, which takes over, as SIGUSR2 does, and waits.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "exit code: 0 when the new program serves, 1 when it does not and the old one goes on,",
            "2 when there is no such program"
        })
public final class UpgradeCommand implements Callable<Integer> {

    /** In this time the launcher runs, or does not. */
    private static final long START_SECONDS = 10;

    @Mixin
    private final ProgramOptions options = new ProgramOptions();

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            defaultValue = "300",
            description =
                    "how long to wait until the old program has finished its requests and ended; the default is 300")
    private int wait;

    @Override
    public Integer call() {
        Output output = options.output();
        try {
            long chosen = options.chosen();
            List<Long> before = ReloadRequest.supervisors();
            signal(chosen);
            Optional<Long> successor = successor(chosen, before);
            ProgramOptions.tell(
                    output,
                    successor.isPresent(),
                    successor.orElse(chosen),
                    successor
                            .map(started -> "process " + started + " serves, process " + chosen + " has ended")
                            .orElse("process " + chosen + " has not ended for another one; its log says why"));
            return successor.isPresent() ? Exit.FINE : Exit.WRONG;
        } catch (IOException e) {
            output.problem(String.valueOf(e.getMessage()));
            return Exit.USAGE;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Exit.WRONG;
        }
    }

    /** Java sends no other signals than SIGTERM and SIGKILL. */
    private static void signal(long pid) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-USR2", String.valueOf(pid))
                .redirectErrorStream(true)
                .start();
        if (kill.waitFor() != 0) {
            throw new IOException("process " + pid + " takes no signal of this user");
        }
    }

    /**
     * Waits until the old program has ended, which it does only after another one has taken over, or until that other one has
     * ended.
     */
    private Optional<Long> successor(long old, List<Long> before) throws IOException, InterruptedException {
        long start = System.nanoTime();
        Optional<Long> started = Optional.empty();
        while (System.nanoTime() - start < TimeUnit.SECONDS.toNanos(wait)) {
            boolean oldLives = ProcessHandle.of(old).isPresent();
            Optional<Long> now = ReloadRequest.supervisors().stream()
                    .filter(running -> !before.contains(running))
                    .findFirst();
            if (!oldLives) {
                return now;
            }
            boolean starting = now.isPresent() || isStarting(old);
            boolean patient = System.nanoTime() - start < START_SECONDS * 1_000_000_000L;
            if (!starting && (started.isPresent() || !patient)) {
                return Optional.empty();
            }
            started = now.isPresent() ? now : started;
            TimeUnit.MILLISECONDS.sleep(200);
        }
        return Optional.empty();
    }

    private static boolean isStarting(long old) {
        return ProcessHandle.of(old).stream().flatMap(ProcessHandle::children).anyMatch(child -> child.info()
                .arguments()
                .map(arguments -> List.of(arguments).contains("--upgrade"))
                .orElse(false));
    }
}
