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
 * The beginning of a worker's command line: {@code setpriv} of util-linux. It gives up root's rights and then becomes the
 * worker ({@code exec}), so that the worker stays a child of the supervisor. The prefix is tested before any worker starts,
 * because a worker that cannot read its own files cannot report which one.
 */
public final class WorkerPrivileges {
    /**
     * The signal to a worker when the supervisor dies. SIGCONT lets a worker that was stopped (SIGSTOP) continue, see the
     * end of its input and end. SIGCONT does nothing to a running worker, which has to finish its requests.
     */
    private static final String PARENT_DEATH = "--pdeathsig=CONT";

    /** A shell script that prints the first of its arguments that is not accessible. */
    private static final String FIRST_INACCESSIBLE =
            "for f; do if [ -d \"$f\" ]; then [ -x \"$f\" ]; else [ -r \"$f\" ]; fi || { echo \"$f\"; break; }; done";

    private WorkerPrivileges() {}

    /**
     * The words before the command of a worker. Empty when {@code setpriv} is not needed and not installed.
     *
     * @throws StartException when a worker could not run with this prefix
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
                // a user that is only a number is unknown to the machine, so it is in no other group
                isNumber(config.user()) ? "--clear-groups" : "--init-groups",
                "--inh-caps=-all",
                "--bounding-set=-all",
                "--no-new-privs",
                PARENT_DEATH,
                "--");
        check(prefix, config);
        return prefix;
    }

    /** The keys that differ and that change the {@link #prefix}. Only root can give a worker another account. */
    static List<String> keysThatDiffer(HipacheConfig present, HipacheConfig wanted, boolean root) {
        List<String> keys = new ArrayList<>();
        if (root && !present.user().equals(wanted.user())) {
            keys.add("user");
        }
        boolean bothRoot =
                present.user().equals(HipacheConfig.ROOT) && wanted.user().equals(HipacheConfig.ROOT);
        if (root && !bothRoot && !present.group().equals(wanted.group())) {
            keys.add("group");
        }
        return keys;
    }

    private static void check(List<String> prefix, HipacheConfig config) throws StartException {
        List<Path> needed = WorkerFiles.of(config);
        Outcome outcome;
        try {
            outcome = run(prefix, needed);
        } catch (IOException e) {
            throw problem(
                    "Hipache was started as root and needs setpriv (of util-linux) to give the workers another user: "
                            + "install it, or set \"user\" to \"root\" (" + e.getMessage() + ")");
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
                    + (beyond.equals(barrier) ? "" : ", and every worker needs " + beyond) + remedy(beyond));
        }
    }

    /** The program has chosen the folder of native libraries itself, so an administrator may not know that it can be another. */
    private static String remedy(Path file) {
        boolean chosen = NativeLibraries.folder()
                .map(folder -> file.equals(folder.normalize()))
                .orElse(false);
        return chosen
                ? ". Name a folder for native libraries that this user can read, on a file system that is not mounted noexec: "
                        + NativeLibraries.OPTION
                : "";
    }

    private record Outcome(int code, String output) {}

    private static Outcome run(List<String> prefix, List<Path> files) throws IOException {
        // folders come before their files, from the top, so that a closed folder is named instead of a file in it
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
