package io.hipache.proxy;

import io.hipache.fuzz.StrictReader;
import io.hipache.outcome.ExchangeEnd;
import io.hipache.testing.RecordedLog;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * The bytes of a client through the whole proxy to backends that answer every request. What the backends get is requests in
 * strict form, one for each exchange and no more: nothing is smuggled. What the client gets is answers in strict form, no
 * more than there were requests. It does not matter how the bytes arrive, and nothing is left behind.
 */
public final class ProxiedRequestFuzz {
    private static final Path NO_PAGES = Path.of("target", "no-error-pages");
    /** Longer inputs are cut: an exchange is not cheap. */
    private static final int MOST_BYTES = 4096;

    private ProxiedRequestFuzz() {}

    /** What backends and client have got. */
    private record Passed(List<StrictReader.Message> requests, List<StrictReader.Message> answers) {

        /** A request with a malformed body reaches a backend or does not: that is a matter of time. */
        List<StrictReader.Message> complete() {
            return requests.stream().filter(StrictReader.Message::complete).toList();
        }
    }

    public static void fuzzerTestOneInput(byte[] bytes) {
        String text = new String(bytes, 0, Math.min(bytes.length, MOST_BYTES), StandardCharsets.ISO_8859_1);

        try (RecordedLog log = RecordedLog.of("io.hipache")) {
            check(text);
            if (!log.linesWith("unexpected").isEmpty()) {
                throw new AssertionError(log.lines());
            }
        }
    }

    private static void check(String text) {
        Passed whole = passed(List.of(text));
        if (text.length() < 512) {
            Passed slow = passed(text.chars().mapToObj(Character::toString).toList());
            if (!slow.complete().equals(whole.complete())) {
                throw new AssertionError("backends get " + whole + "\nbut slowly " + slow);
            }
        }
    }

    private static Passed passed(List<String> pieces) {
        InMemoryProxy proxy = new InMemoryProxy(NO_PAGES);
        proxy.driver.frontend("*", "site", "http://b:81");
        AnsweringBackends backends = new AnsweringBackends(proxy);
        StringBuilder got = new StringBuilder();
        for (String piece : pieces) {
            if (proxy.client().isOpen()) {
                proxy.client().receive(piece);
            }
            while (backends.work()) {
                proxy.client().runPendingTasks();
                got.append(proxy.client().sent());
            }
        }
        got.append(proxy.client().sent());
        proxy.endWithoutALeak();
        backends.requireOneExchangeEach();
        List<StrictReader.Message> answers =
                StrictReader.responses(got.toString(), number -> isHead(proxy.ends, number));
        long finalAnswers = answers.stream()
                .filter(answer -> answer.complete() && answer.status() >= 200)
                .count();
        if (finalAnswers > proxy.ends.size()) {
            throw new AssertionError(proxy.ends.size() + " requests, but the client got " + answers);
        }
        return new Passed(backends.requests(), answers);
    }

    private static boolean isHead(List<ExchangeEnd> ends, int number) {
        return number < ends.size() && ends.get(number).requestLine().startsWith("HEAD ");
    }
}
