package io.hipache.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.docs.Markdown.Fence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Runs all blocks of a page in one bash, in a folder of their own.
 *
 * @param home the folder in which the files of the page are, instead of the root
 * @param port where the running program takes what the page sends to port 80, and to that of a container
 * @param adminPort where it takes what the page sends to port 9180
 * @param backendPort where the backends of the page are, each at another address of loopback
 */
record PageShell(CommandServer commands, Path home, int port, int adminPort, int backendPort) {
    /**
     * Programs that cannot run in a test, and why. In their place bash finds programs that do nothing, so the words of these
     * commands are not checked.
     */
    private static final Map<String, String> NOT_RUN = Map.of(
            "apt-get", "changes the machine; scripts/release-check installs the package",
            "systemctl", "changes the machine; scripts/release-check does it in a system of its own",
            "journalctl", "the machine may have no journal",
            "mvn", "this test is a part of it",
            "docker", "the machine may have no container engine",
            "podman", "the same",
            "buildah", "the same");

    /** Scripts of the project. They take minutes, change the machine, or have tests of their own. */
    private static final Pattern SCRIPT = Pattern.compile("scripts/[a-z-]+");

    /** In the place of a release, which takes minutes to build. */
    private static final String RELEASE =
            """
            tar czf hipache-1.0.0.tar.gz hipache-1.0.0
            rm -r hipache-1.0.0
            sha256sum hipache-1.0.0.tar.gz >SHA256SUMS
            """;

    private static final String BEGIN_OF_BLOCK = "block ";
    private static final int SECONDS_FOR_A_PAGE = 60;

    /** What the page has printed, and each command that has failed, with its block and its exit code. */
    record Result(String output, List<String> failures) {

        /** What one block has printed. */
        String printedBy(Fence block) {
            String begin = BEGIN_OF_BLOCK + block + "\n";
            int start = output.indexOf(begin) + begin.length();
            return output.substring(start).split("(?m)^" + BEGIN_OF_BLOCK, -1)[0];
        }
    }

    Result run(Path folder, List<Fence> blocks) throws Exception {
        putPrograms(folder, blocks);
        Path output = folder.resolve("output");
        Path failures = Files.createFile(folder.resolve("failures"));
        ProcessBuilder bash = new ProcessBuilder("bash", "-c", script(blocks))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        Map<String, String> environment = bash.environment();
        environment.put("PATH", folder.resolve("bin") + ":" + environment.get("PATH"));
        environment.put("PAGE", folder.toString());
        environment.put("FAILURES", failures.toString());
        environment.remove("SETTINGS_FLAVOR");
        Process process = bash.start();
        if (!process.waitFor(SECONDS_FOR_A_PAGE, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the page does not end: " + Files.readString(output));
        }
        return new Result(Files.readString(output), Files.readAllLines(failures));
    }

    /** All blocks, one behind the other. Each begins in the same folder. */
    private String script(List<Fence> blocks) {
        StringBuilder script = new StringBuilder(RELEASE)
                .append("set -uE\ntrap 'echo \"$BLOCK: exit code $?: $BASH_COMMAND\" >>\"$FAILURES\"' ERR\n");
        for (Fence block : blocks) {
            script.append("BLOCK=").append(block).append("\ncd \"$PAGE\"\n");
            script.append("echo ").append(BEGIN_OF_BLOCK).append(block).append('\n');
            commands(block).forEach(line -> script.append(line).append('\n'));
        }
        return script.append("echo the page is over\n").toString();
    }

    private Stream<String> commands(Fence block) {
        Stream<String> lines = block.lines().stream();
        if (block.kind().equals("console")) {
            lines = lines.filter(line -> line.startsWith("$ ")).map(line -> line.substring(2));
        }
        return lines.map(this::here);
    }

    /** The addresses and files of the documentation are those of this test. */
    private String here(String line) {
        return line.replaceAll("http://(?:192\\.0\\.2|10\\.0\\.0)\\.(\\d+):80\\b", "http://127.0.2.$1:" + backendPort)
                .replaceAll("(?<= )/etc/", home + "/etc/")
                .replaceAll("\\bhosts\\.yaml\\b", home + "/hosts.yaml");
    }

    private void putPrograms(Path folder, List<Fence> blocks) throws IOException {
        Path bin = Files.createDirectory(folder.resolve("bin"));
        commands.putInto(bin, "hipache");
        commands.putInto(bin, "redis-cli");
        put(bin.resolve("sudo"), "exec \"$@\"");
        put(
                bin.resolve("curl"),
                """
                PATH=${PATH#*:} exec curl --fail --silent --show-error --connect-to 127.0.0.1:80:127.0.0.1:%1$d \
                    --connect-to localhost:8080:127.0.0.1:%1$d --connect-to 127.0.0.1:9180:127.0.0.1:%2$d "$@"
                """
                        .formatted(port, adminPort));
        for (String name : NOT_RUN.keySet()) {
            put(bin.resolve(name), "");
        }
        for (Path place : List.of(folder, Files.createDirectory(folder.resolve("hipache-1.0.0")))) {
            for (Fence block : blocks) {
                for (MatchResult script :
                        SCRIPT.matcher(block.content()).results().toList()) {
                    assertThat(Path.of(script.group())).as(block.toString()).isExecutable();
                    put(place.resolve(script.group()), "");
                }
            }
        }
    }

    private static void put(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/bash\n" + text + "\n");
        if (!file.toFile().setExecutable(true)) {
            throw new IOException("cannot make " + file + " executable");
        }
    }
}
