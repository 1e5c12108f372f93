package io.hipache.cli;

import io.hipache.config.Installation;
import io.hipache.testing.TestRedis;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/**
 * Runs {@code hipache} and {@code redis-cli} in this process for a shell, so that a page full of commands takes
 * milliseconds. The shell finds programs of these names in a folder; each hands over its arguments through a socket.
 */
final class CommandServer implements AutoCloseable {
    /** They go on until somebody ends them, or end the program. Their words are read, nothing more. */
    private static final Set<String> NOT_RUN = Set.of("--watch", "--dev", "upgrade", "stop");

    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Path home;
    private final TestRedis redis;
    private final long supervisor;

    /**
     * Serves until it is closed.
     *
     * @param home the folder with {@code config.json}
     * @param supervisor the process id of the program that runs with this configuration
     */
    CommandServer(Path home, TestRedis redis, long supervisor) throws IOException {
        this.home = home;
        this.redis = redis;
        this.supervisor = supervisor;
        Thread thread = new Thread(this::serve, "command-server");
        thread.setDaemon(true);
        thread.start();
    }

    /** Writes a program for the shell. */
    void putInto(Path folder, String name) throws IOException {
        Path file = Files.writeString(
                folder.resolve(name),
                """
                #!/bin/bash
                exec 3<>/dev/tcp/127.0.0.1/%d
                printf '%%s\\0' "$(($# + 2))" %s "${SETTINGS_FLAVOR-}" "$@" >&3
                read -r code <&3
                cat <&3
                exit "$code"
                """
                        .formatted(socket.getLocalPort(), name));
        if (!file.toFile().setExecutable(true)) {
            throw new IOException("cannot make " + file + " executable");
        }
    }

    private void serve() {
        while (!socket.isClosed()) {
            try (Socket shell = socket.accept()) {
                List<String> words = words(shell.getInputStream());
                StringWriter out = new StringWriter();
                int code = run(words.get(0), words.get(1), words.subList(2, words.size()), new PrintWriter(out, true));
                shell.getOutputStream().write((code + "\n" + out).getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private static List<String> words(InputStream in) throws IOException {
        DataInputStream data = new DataInputStream(new BufferedInputStream(in));
        int count = Integer.parseInt(word(data));
        List<String> words = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            words.add(word(data));
        }
        return words;
    }

    private static String word(DataInputStream in) throws IOException {
        StringBuilder word = new StringBuilder();
        for (int c = in.readUnsignedByte(); c != 0; c = in.readUnsignedByte()) {
            word.append((char) c);
        }
        return word.toString();
    }

    private int run(String program, String flavor, List<String> words, PrintWriter out) {
        return program.equals("redis-cli") ? askRedis(words, out) : runHipache(flavor, words, out);
    }

    private int askRedis(List<String> all, PrintWriter out) {
        // whichever port the page names
        List<String> words = all.get(0).equals("-p") ? all.subList(2, all.size()) : all;
        try {
            out.println(shown(redis.command(words.toArray(String[]::new))));
            return 0;
        } catch (RuntimeException e) {
            out.println(e.getMessage());
            return 1;
        }
    }

    private static String shown(@Nullable Object reply) {
        return reply instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : String.valueOf(reply);
    }

    private int runHipache(String flavor, List<String> words, PrintWriter out) {
        List<String> all = new ArrayList<>(words);
        if (all.equals(List.of("reload"))) {
            // other tests may have programs of their own
            all.add(String.valueOf(supervisor));
        }
        String[] args = all.toArray(String[]::new);
        CommandLine line = HipacheCommand.commandLine(new Installation(home), flavor.isEmpty() ? null : flavor, args)
                .setOut(out)
                .setErr(out);
        boolean endless = args.length == 0 || (args[0].equals("top") && !all.contains("--count"));
        if (endless || all.stream().anyMatch(NOT_RUN::contains)) {
            return parse(line, args, out);
        }
        return line.execute(args);
    }

    private static int parse(CommandLine line, String[] args, PrintWriter out) {
        try {
            line.parseArgs(args);
            return 0;
        } catch (CommandLine.ParameterException e) {
            out.println(e.getMessage());
            return CommandLine.ExitCode.USAGE;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
