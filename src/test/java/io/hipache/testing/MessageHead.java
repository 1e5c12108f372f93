package io.hipache.testing;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The head of a message exactly as it was received; each byte is one character. */
public final class MessageHead {
    private final String raw;
    private final List<String> lines;

    /** @param raw the head with its empty line */
    MessageHead(String raw) {
        this.raw = raw;
        this.lines = List.of(raw.substring(0, raw.length() - 4).split("\r\n", -1));
        for (String line : lines.subList(1, lines.size())) {
            if (line.indexOf(':') <= 0) {
                throw new AssertionError("a header without a name or a colon: <" + line + "> in\n" + raw);
            }
        }
    }

    public String raw() {
        return raw;
    }

    public String startLine() {
        return lines.get(0);
    }

    /** The header lines as received, in their order. */
    public List<String> headerLines() {
        return lines.subList(1, lines.size());
    }

    /** The value of a header that stands there at most once, or null. */
    public @Nullable String header(String name) {
        List<String> values = headers(name);
        if (values.size() > 1) {
            throw new AssertionError(name + " comes " + values.size() + " times in\n" + raw);
        }
        return values.isEmpty() ? null : values.get(0);
    }

    /** All values of a header in their order, without the spaces around them. */
    public List<String> headers(String name) {
        return headerLines().stream()
                .filter(line -> line.substring(0, line.indexOf(':')).equalsIgnoreCase(name))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .toList();
    }

    boolean chunked() {
        String coding = header("transfer-encoding");
        return coding != null && coding.toLowerCase(Locale.ROOT).equals("chunked");
    }

    /** The content length, or -1. */
    long contentLength() {
        String length = header("content-length");
        return length == null ? -1 : Long.parseLong(length);
    }

    @Override
    public String toString() {
        return raw;
    }
}
