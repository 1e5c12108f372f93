package io.hipache.supervisor.upgrade;

import io.hipache.supervisor.common.Scheduler;
import io.hipache.supervisor.process.MessageLog;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A supervisor that this one has started as its successor. It outlives this one. */
final class SuccessorProcess {
    /** The time that the successor's workers have for the requests that they have accepted already. */
    private static final Duration TIME_TO_END = Duration.ofSeconds(15);

    /** The time that a successor has to end by itself. With the default stopTimeout it needs less. */
    private static final Duration TIME_TO_LEAVE = Duration.ofSeconds(10);

    private final Process process;

    private SuccessorProcess(Process process) {
        this.process = process;
    }

    /**
     * Starts the successor. It gets its own session when {@code setsid} (util-linux) is installed, so that signals of the
     * terminal to this process do not reach it. It inherits standard output and standard error.
     */
    static SuccessorProcess start(Succession succession) throws IOException {
        List<String> command = new ArrayList<>();
        if (isOnPath("setsid")) {
            command.add("setsid");
        }
        command.addAll(succession.successor());
        command.add(Succession.OPTION);
        command.add(String.valueOf(ProcessHandle.current().pid()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        // WATCHDOG_PID names this process, but the service manager will watch the successor
        Map<String, String> environment = builder.environment();
        environment.remove("WATCHDOG_PID");
        return new SuccessorProcess(builder.start());
    }

    private static boolean isOnPath(String program) {
        for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
            if (Files.isExecutable(Path.of(folder, program))) {
                return true;
            }
        }
        return false;
    }

    long pid() {
        return process.pid();
    }

    void onExit(Scheduler scheduler, Runnable task) {
        process.onExit().thenRun(() -> scheduler.run(task));
    }

    /** How the process ended, for the log. Only after its end. */
    String describeEnd() {
        return "the new supervisor ended with exit code " + process.exitValue() + ", its messages "
                + MessageLog.firstMessages() + " say why";
    }

    /**
     * Sends SIGTERM, and SIGKILL after a while.
     *
     * @param leaves whether it ends by itself: then SIGTERM would only be one more message that needs an explanation
     */
    void end(Scheduler scheduler, boolean leaves) {
        if (leaves) {
            scheduler.later(TIME_TO_LEAVE, process::destroy);
        } else {
            process.destroy();
        }
        scheduler.later(TIME_TO_END, process::destroyForcibly);
    }

    @Override
    public String toString() {
        return "supervisor #" + process.pid();
    }
}
