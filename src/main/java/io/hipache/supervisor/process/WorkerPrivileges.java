package io.hipache.supervisor.process;

import io.hipache.config.HipacheConfig;
import io.hipache.config.Privilege;
import io.hipache.supervisor.common.StartException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a worker's command line begins with: {@code setpriv} of util-linux, which takes root's rights away and then becomes
 * the worker, so that the worker stays a child of the supervisor. Tried out once, before any worker is started, for a
 * worker could not say what it may not read.
 */
public final class WorkerPrivileges {
    /**
     * A worker that was stopped (SIGSTOP) when the supervisor died goes on, sees the end of its input and ends. SIGCONT
     * means nothing to one that runs, which has to finish what is in flight.
     */
    private static final String PARENT_DEATH = "--pdeathsig=CONT";

    /** Names the first of its arguments that is not accessible. */
    private static final String FIRST_INACCESSIBLE =
            "for f; do if [ -d \"$f\" ]; then [ -x \"$f\" ]; else [ -r \"$f\" ]; fi || { echo \"$f\"; break; }; done";

    private WorkerPrivileges() {}

    /**
     * The words before the command of a worker, none where {@code setpriv} is neither needed nor there.
     *
     * @throws StartException when workers could not run with them
     */
    public static List<String> prefix(HipacheConfig config) throws StartException {
        if (!Privilege.isRoot() || config.user().equals(HipacheConfig.ROOT)) {
            List<String> prefix = List.of("setpriv", PARENT_DEATH, "--");
            return works(prefix) ? prefix : List.of();
        }
        List<String> prefix = List.of(
                "setpriv",
                "--reuid=" + config.user(),
                "--regid=" + config.group(),
                // whom the machine does not know is in no other group
                isNumber(config.user()) ? "--clear-groups" : "--init-groups",
                "--inh-caps=-all",
                "--bounding-set=-all",
                "--no-new-privs",
                PARENT_DEATH,
                "--");
        check(prefix, config);
        return prefix;
    }

    private static void check(List<String> prefix, HipacheConfig config) throws StartException {
        List<Path> needed = WorkerFiles.of(config);
        Outcome outcome;
        try {
            outcome = run(prefix, needed);
        } catch (IOException e) {
            throw problem("started as root, and needs setpriv (of util-linux) to take root's rights from the workers; "
                    + "install it, or say \"user\": \"root\" (" + e.getMessage() + ")");
        }
        if (outcome.code() != 0) {
            throw problem("the workers cannot become " + config.user() + ":" + config.group() + ": "
                    + outcome.output().lines().findFirst().orElse("exit code " + outcome.code()));
        }
        if (!outcome.output().isEmpty()) {
            Path barrier = Path.of(outcome.output());
            Path beyond = needed.stream()
                    .filter(file -> file.startsWith(barrier))
                    .findFirst()
                    .orElse(barrier);
            throw problem("the workers' user " + config.user() + " has no access to " + barrier
                    + (beyond.equals(barrier) ? "" : ", and every worker needs " + beyond));
        }
    }

    private record Outcome(int code, String output) {}

    private static Outcome run(List<String> prefix, List<Path> files) throws IOException {
        // folders first, from the top: one that is closed explains everything in it
        Set<Path> withFolders = new LinkedHashSet<>();
        for (Path file : files) {
            Stream.iterate(
                            file.getRoot(),
                            folder -> !folder.equals(file),
                            folder -> folder.resolve(file.getName(folder.getNameCount())))
                    .forEach(withFolders::add);
        }
        withFolders.addAll(files);
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of("sh", "-c", FIRST_INACCESSIBLE, "sh"));
        withFolders.forEach(file -> command.add(file.toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            return new Outcome(process.waitFor(), output.strip());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static boolean works(List<String> prefix) {
        try {
            return run(prefix, List.of()).code() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isNumber(String user) {
        return user.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static StartException problem(String message) {
        return new StartException(List.of(message));
    }
}
