package io.hipache.fuzz;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads messages of HTTP/1.1 in the one obvious form and fails on everything else. It shares no code with the proxy, so
 * that an error of the proxy's parser is not repeated here. A text has one character for each byte.
 */
public final class StrictReader {
    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
    private static final String VISIBLE = "[\\x21-\\x7e\\x80-\\xff]";
    private static final Pattern REQUEST_LINE = Pattern.compile(TOKEN + " " + VISIBLE + "+ HTTP/1\\.1");
    private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.1 [1-9][0-9]{2} [\\t\\x20-\\x7e\\x80-\\xff]*");
    private static final Pattern FIELD = Pattern.compile(TOKEN + ": [\\t\\x20-\\x7e\\x80-\\xff]*");
    private static final Pattern CHUNK_SIZE = Pattern.compile("[0-9a-f]{1,8}");
    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");

    private final String text;
    private int at;

    private StrictReader(String text) {
        this.text = text;
    }

    /**
     * One message.
     *
     * @param fields lines of the form {@code name: value}
     * @param body what there is of it
     * @param complete whether the text holds the whole message
     */
    public record Message(String startLine, List<String> fields, String body, List<String> trailers, boolean complete) {

        /** The values of the fields with this name, which is in lower case. */
        public List<String> values(String name) {
            return fields.stream()
                    .filter(line -> line.regionMatches(true, 0, name + ": ", 0, name.length() + 2))
                    .map(line -> line.substring(name.length() + 2))
                    .toList();
        }

        public int status() {
            return Integer.parseInt(startLine.substring(9, 12));
        }

        /** Whether nothing but the end of the connection tells where this response, not to a HEAD, ends. */
        public boolean endsWithTheConnection() {
            return status() >= 200
                    && status() != 204
                    && status() != 304
                    && values("transfer-encoding").isEmpty()
                    && values("content-length").isEmpty();
        }
    }

    /** The requests of a connection. The last one may be incomplete, but every byte belongs to one of them. */
    public static List<Message> requests(String text) {
        StrictReader reader = new StrictReader(text);
        List<Message> messages = new ArrayList<>();
        while (reader.at < text.length()) {
            messages.add(reader.message(REQUEST_LINE, false, true));
        }
        return messages;
    }

    /**
     * The responses of a connection, interim ones included.
     *
     * @param toHead whether the request with this number, from 0, was a HEAD
     */
    public static List<Message> responses(String text, IntPredicate toHead) {
        StrictReader reader = new StrictReader(text);
        List<Message> messages = new ArrayList<>();
        int answered = 0;
        while (reader.at < text.length()) {
            Message message = reader.message(STATUS_LINE, toHead.test(answered), false);
            messages.add(message);
            answered += message.complete() && message.status() < 200 ? 0 : 1;
        }
        return messages;
    }

    private Message message(Pattern startLine, boolean toHead, boolean request) {
        int end = text.indexOf("\r\n\r\n", at);
        if (end < 0) {
            String rest = text.substring(at);
            at = text.length();
            return new Message(rest, List.of(), "", List.of(), false);
        }
        List<String> lines = Arrays.asList(text.substring(at, end).split("\r\n", -1));
        at = end + 4;
        require(startLine, lines.get(0));
        List<String> fields = lines.subList(1, lines.size());
        fields.forEach(field -> require(FIELD, field));
        Message head = new Message(lines.get(0), fields, "", List.of(), true);
        List<String> codings = head.values("transfer-encoding");
        List<String> lengths = head.values("content-length");
        if (!request && (toHead || head.status() < 200 || head.status() == 204 || head.status() == 304)) {
            return head;
        }
        if (codings.size() + lengths.size() > 1) {
            throw new AssertionError("more than one length: " + head);
        }
        if (!codings.isEmpty()) {
            if (!codings.get(0).equalsIgnoreCase("chunked")) {
                throw new AssertionError("a coding that is not chunked: " + head);
            }
            return chunked(head);
        }
        if (!lengths.isEmpty()) {
            require(LENGTH, lengths.get(0));
            return exactly(head, Long.parseLong(lengths.get(0)));
        }
        return request ? head : exactly(head, text.length() - at);
    }

    private Message exactly(Message head, long length) {
        int end = (int) Math.min(text.length(), at + length);
        String body = text.substring(at, end);
        at = end;
        return new Message(head.startLine(), head.fields(), body, List.of(), body.length() == length);
    }

    private Message chunked(Message head) {
        StringBuilder body = new StringBuilder();
        while (true) {
            String size = line();
            if (size == null) {
                return new Message(head.startLine(), head.fields(), body.toString(), List.of(), false);
            }
            require(CHUNK_SIZE, size);
            int length = Integer.parseInt(size, 16);
            if (length == 0) {
                return trailers(head, body.toString());
            }
            int end = Math.min(text.length(), at + length);
            body.append(text, at, end);
            at = end;
            String rest = line();
            if (rest == null) {
                return new Message(head.startLine(), head.fields(), body.toString(), List.of(), false);
            }
            if (!rest.isEmpty()) {
                throw new AssertionError("behind a chunk: " + rest);
            }
        }
    }

    private Message trailers(Message head, String body) {
        List<String> trailers = new ArrayList<>();
        for (String line = line(); line != null; line = line()) {
            if (line.isEmpty()) {
                return new Message(head.startLine(), head.fields(), body, trailers, true);
            }
            require(FIELD, line);
            trailers.add(line);
        }
        return new Message(head.startLine(), head.fields(), body, trailers, false);
    }

    /** The next line without its end. Null, and everything is read, when there is no whole one. */
    private @Nullable String line() {
        int end = text.indexOf("\r\n", at);
        if (end < 0) {
            at = text.length();
            return null;
        }
        String line = text.substring(at, end);
        at = end + 2;
        return line;
    }

    private static void require(Pattern pattern, String text) {
        if (!pattern.matcher(text).matches()) {
            throw new AssertionError("not of the form " + pattern + ": <" + text + ">");
        }
    }
}
