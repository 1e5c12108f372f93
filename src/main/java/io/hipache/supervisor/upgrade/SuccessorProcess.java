package io.hipache.supervisor.upgrade;

import io.hipache.supervisor.common.Scheduler;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A supervisor that this one has started to be its successor, and which outlives it. */
final class SuccessorProcess {
    /** For its workers to finish what they have accepted already. */
    private static final Duration TIME_TO_END = Duration.ofSeconds(15);

    private final Process process;

    private SuccessorProcess(Process process) {
        this.process = process;
    }

    /**
     * Starts it in a session of its own, where {@code setsid} (util-linux) is there: what the terminal sends to this one is
     * not meant for it. What it prints goes where this one's standard output and error go.
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
        // the service manager will watch the new one
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

    /** For the log, once it has ended. */
    String describeEnd() {
        return "it ended with exit code " + process.exitValue() + ", standard error says why";
    }

    /** SIGTERM, and after a while SIGKILL. */
    void end(Scheduler scheduler) {
        process.destroy();
        scheduler.later(TIME_TO_END, process::destroyForcibly);
    }

    @Override
    public String toString() {
        return "supervisor #" + process.pid();
    }
}
