package io.hipache.cli;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Answers a worker's Redis commands in a {@link Rehearsal}, in Redis's protocol. Each host has the same two backends.
 */
final class RehearsalStore implements RehearsalPeer.Conversation {
    private final String lookup;

    RehearsalStore(String liveBackend, String deadBackend) {
        // the first name is found, with its list, and the dead set is empty
        lookup = "*3\r\n:1\r\n*3\r\n" + bulk("rehearsal") + bulk(liveBackend) + bulk(deadBackend) + "*0\r\n";
    }

    @Override
    public void hold(BufferedReader in, OutputStream out) throws IOException {
        while (true) {
            String answer = answer(command(in));
            out.write(answer.getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    private String answer(List<String> command) {
        return switch (command.get(0)) {
            case "EVALSHA" -> "-NOSCRIPT No matching script\r\n";
            case "EVAL" -> script(command);
            case "PING" -> "+PONG\r\n";
            case "GET" -> "$-1\r\n";
            default -> "+OK\r\n";
        };
    }

    /** A script looks up several hosts, or marks a backend. */
    private String script(List<String> command) {
        int keys = Integer.parseInt(command.get(2));
        if (command.get(2 + keys).endsWith(";soft")) {
            return bulk("MARKED");
        }
        int lookups = (command.size() - 3 - keys - 4) / 3;
        return "*" + lookups + "\r\n" + lookup.repeat(lookups);
    }

    /** The words of the next command, which is an array of bulk strings. */
    private static List<String> command(BufferedReader in) throws IOException {
        List<String> words = new ArrayList<>();
        for (int left = count(in); left > 0; left--) {
            char[] word = new char[count(in)];
            for (int read = 0; read < word.length; ) {
                int more = in.read(word, read, word.length - read);
                if (more < 0) {
                    throw new EOFException();
                }
                read += more;
            }
            in.readLine();
            words.add(String.valueOf(word));
        }
        return words;
    }

    private static int count(BufferedReader in) throws IOException {
        String line = in.readLine();
        if (line == null || line.length() < 2) {
            throw new EOFException();
        }
        return Integer.parseInt(line.substring(1));
    }

    private static String bulk(String text) {
        return "$" + text.length() + "\r\n" + text + "\r\n";
    }
}
