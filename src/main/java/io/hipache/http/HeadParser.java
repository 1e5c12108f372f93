package io.hipache.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Parses one whole head that {@link HeadScanner} cut out. Lines end in CRLF or a bare LF (RFC 9112 §2.2); a bare CR, a
 * NUL or another control, a folded line and white space before a colon are refused.
 */
final class HeadParser {
    private static final int TYPICAL_FIELDS = 16;

    private final byte[] bytes;
    private int at;

    private HeadParser(byte[] bytes) {
        this.bytes = bytes;
    }

    static RequestHead request(byte[] head) {
        return new HeadParser(head).request();
    }

    static ResponseHead response(byte[] head, boolean toHead) {
        return new HeadParser(head).response(toHead);
    }

    /** The fields of a trailer section, which is a head without a start line. */
    static Fields trailers(byte[] section) {
        return new HeadParser(section).fields();
    }

    private RequestHead request() {
        int methodEnd = token();
        if (methodEnd == 0 || bytes[methodEnd] != ' ') {
            throw MalformedMessage.because("malformed request line");
        }
        at = methodEnd + 1;
        int targetStart = at;
        while (Ascii.isTarget(bytes[at])) {
            at++;
        }
        int targetEnd = at;
        if (targetEnd == targetStart || bytes[targetEnd] != ' ') {
            throw MalformedMessage.because("malformed request line");
        }
        at++;
        Version version = version();
        if (version == null || !atLineEnd()) {
            throw MalformedMessage.because("malformed request line");
        }
        int lineEnd = at;
        skipLineEnd();
        Fields fields = fields();
        return new RequestHead(
                text(0, lineEnd),
                text(0, methodEnd),
                text(targetStart, targetEnd),
                version,
                fields,
                Framing.ofRequest(version, fields));
    }

    private ResponseHead response(boolean toHead) {
        Version version = version();
        if (version == null || bytes[at] != ' ') {
            throw MalformedMessage.because("malformed status line");
        }
        at++;
        int status = 0;
        for (int end = at + 3; at < end; at++) {
            if (bytes[at] < '0' || bytes[at] > '9') {
                throw MalformedMessage.because("malformed status line");
            }
            status = status * 10 + (bytes[at] - '0');
        }
        if (status < 100) {
            throw MalformedMessage.because("malformed status line");
        }
        // the space before an empty reason is often missing (RFC 9112 §4 wants it)
        if (bytes[at] == ' ') {
            at++;
        } else if (!atLineEnd()) {
            throw MalformedMessage.because("malformed status line");
        }
        int reasonStart = at;
        while (Ascii.isFieldValue(bytes[at])) {
            at++;
        }
        if (!atLineEnd()) {
            throw MalformedMessage.because("malformed status line");
        }
        String reason = text(reasonStart, at);
        skipLineEnd();
        Fields fields = fields();
        return new ResponseHead(version, status, reason, fields, Framing.ofResponse(toHead, version, status, fields));
    }

    /** {@code HTTP/1.} and one digit; null for anything else. */
    private @Nullable Version version() {
        String prefix = "HTTP/1.";
        for (int i = 0; i < prefix.length(); i++, at++) {
            if (bytes[at] != prefix.charAt(i)) {
                return null;
            }
        }
        byte minor = bytes[at++];
        if (minor < '0' || minor > '9') {
            return null;
        }
        return minor == '0' ? Version.HTTP_1_0 : Version.HTTP_1_1;
    }

    private Fields fields() {
        if (atLineEnd()) {
            return Fields.NONE;
        }
        int[] spans = new int[TYPICAL_FIELDS * Fields.SPAN];
        @Nullable KnownField[] known = new KnownField[TYPICAL_FIELDS];
        int count = 0;
        do {
            if (count == known.length) {
                spans = Arrays.copyOf(spans, spans.length * 2);
                known = Arrays.copyOf(known, count * 2);
            }
            int nameStart = at;
            int nameEnd = token();
            if (nameEnd == nameStart || bytes[nameEnd] != ':') {
                throw MalformedMessage.because("malformed header field");
            }
            known[count] = KnownField.of(bytes, nameStart, nameEnd);
            at = nameEnd + 1;
            while (bytes[at] == ' ' || bytes[at] == '\t') {
                at++;
            }
            int valueStart = at;
            while (Ascii.isFieldValue(bytes[at])) {
                at++;
            }
            int valueEnd = at;
            while (valueEnd > valueStart && (bytes[valueEnd - 1] == ' ' || bytes[valueEnd - 1] == '\t')) {
                valueEnd--;
            }
            if (!atLineEnd()) {
                throw MalformedMessage.because("malformed header field");
            }
            skipLineEnd();
            int span = count * Fields.SPAN;
            spans[span] = nameStart;
            spans[span + 1] = nameEnd;
            spans[span + 2] = valueStart;
            spans[span + 3] = valueEnd;
            count++;
        } while (!atLineEnd());
        return new Fields(bytes, spans, known, count);
    }

    /** The end of the token that starts here. A head ends in LF, which is no token byte, so this ends inside. */
    private int token() {
        int end = at;
        while (Ascii.isToken(bytes[end])) {
            end++;
        }
        return end;
    }

    private boolean atLineEnd() {
        return bytes[at] == '\n' || (bytes[at] == '\r' && bytes[at + 1] == '\n');
    }

    private void skipLineEnd() {
        at += bytes[at] == '\n' ? 1 : 2;
    }

    private String text(int start, int end) {
        return new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
    }
}
