package io.hipache.proxy;

import io.hipache.fuzz.StrictReader;
import io.hipache.testing.RecordedLog;
import io.hipache.upstream.InMemoryChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * The bytes of a backend through the whole proxy to a client. The first byte says what the client asked with. What the client
 * gets is answers in strict form, never more than it asked for: a backend cannot answer for another request. It does not
 * matter how the bytes arrive, and nothing is left behind.
 */
public final class ProxiedResponseFuzz {
    private static final Path NO_PAGES = Path.of("target", "no-error-pages");
    private static final int MOST_BYTES = 4096;
    private static final List<String> ASKING = List.of(
            "GET / HTTP/1.1|Host: h||",
            "HEAD / HTTP/1.1|Host: h||",
            "GET / HTTP/1.0|Host: h||",
            "GET / HTTP/1.0|Host: h|Connection: keep-alive||",
            "POST / HTTP/1.1|Host: h|Content-Length: 0||",
            "GET / HTTP/1.1|Host: h|X-Debug: 1||");

    private ProxiedResponseFuzz() {}

    /**
     * What a client got.
     *
     * @param answers those that are complete: how much arrives of one that breaks off is a matter of time
     * @param askedAgain whether the client could send another request on its connection
     */
    private record Got(List<String> answers, boolean askedAgain) {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        if (bytes.length == 0) {
            return;
        }
        String asking = ASKING.get(Math.floorMod(bytes[0] - '0', ASKING.size()));
        String text = new String(bytes, 1, Math.min(bytes.length - 1, MOST_BYTES), StandardCharsets.ISO_8859_1);

        try (RecordedLog log = RecordedLog.of("io.hipache")) {
            check(asking, text);
            if (!log.linesWith("unexpected").isEmpty()) {
                throw new AssertionError(log.lines());
            }
        }
    }

    private static void check(String asking, String text) {
        Got whole = got(asking, List.of(text));
        if (text.length() < 512) {
            Got slow = got(asking, text.chars().mapToObj(Character::toString).toList());
            if (!slow.equals(whole)) {
                throw new AssertionError("the client gets " + whole + "\nbut slowly " + slow);
            }
        }
    }

    private static Got got(String asking, List<String> pieces) {
        InMemoryProxy proxy = new InMemoryProxy(NO_PAGES);
        proxy.send(asking);
        InMemoryChannel backend = proxy.accept();
        backend.sent();
        StringBuilder got = new StringBuilder();
        for (String piece : pieces) {
            if (backend.isOpen()) {
                backend.receive(piece);
                proxy.client().runPendingTasks();
                got.append(proxy.client().sent());
            }
        }
        boolean askedAgain = proxy.client().isOpen() && proxy.ends.size() == 1;
        boolean toHead = asking.startsWith("HEAD");
        int first = got.length();
        if (askedAgain) {
            // whatever is behind the first answer must not be the answer to this
            proxy.send(asking.startsWith("POST") ? asking : "GET /2 HTTP/1.1|Host: h||");
            proxy.client().runPendingTasks();
            got.append(proxy.client().sent());
        }
        if (backend.isOpen()) {
            proxy.close(backend);
        }
        got.append(proxy.client().sent());
        List<StrictReader.Message> answers = StrictReader.responses(got.toString(), number -> toHead && number == 0);
        long complete = answers.stream()
                .filter(answer -> answer.complete() && answer.status() >= 200)
                .count();
        if (complete > (askedAgain ? 2 : 1)) {
            throw new AssertionError("more answers than requests: " + got);
        }
        while (proxy.backends().connecting() > 0) {
            proxy.backends().refuse();
            proxy.client().runPendingTasks();
        }
        proxy.endWithoutALeak();
        String before = askedAgain ? got.substring(0, first) : got.toString();
        // a reset breaks off what lasts until the end of the connection
        boolean reset = proxy.client().isReset();
        List<StrictReader.Message> whole = StrictReader.responses(before, number -> toHead).stream()
                .filter(answer -> answer.complete() && !(reset && !toHead && answer.endsWithTheConnection()))
                .toList();
        return new Got(withoutTimes(whole), askedAgain);
    }

    private static List<String> withoutTimes(List<StrictReader.Message> messages) {
        return messages.stream()
                .map(message -> message.toString().replaceAll("(?i)x-debug-time-(total|backend): [0-9]+", ""))
                .toList();
    }
}
