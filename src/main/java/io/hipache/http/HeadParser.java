package io.hipache.http;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Parses one complete head that {@link HeadScanner} found. Lines end in CRLF or in a bare LF (RFC 9112 §2.2). The
 * parser refuses a bare CR, NUL and other controls, folded lines and, in a request, white space before a colon.
 *
 * <p>The head always ends in LF. LF belongs to none of the byte classes that the loops here skip, so every loop stops
 * before the end of the array without checking for it.
 */
final class HeadParser {
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
        return new HeadParser(section).fields(false);
    }

    private RequestHead request() {
        skipToken();
        int methodEnd = at;
        if (methodEnd == 0 || bytes[at] != ' ') {
            throw MalformedMessage.because("malformed request line");
        }
        at++;
        int targetStart = at;
        while (Ascii.isTarget(bytes[at])) {
            at++;
        }
        int targetEnd = at;
        if (targetEnd == targetStart || bytes[at] != ' ') {
            throw MalformedMessage.because("malformed request line");
        }
        at++;
        Version version = version();
        if (version == null || !atLineEnd()) {
            throw MalformedMessage.because("malformed request line");
        }
        int lineEnd = at;
        skipLineEnd();
        Fields fields = fields(false);
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
        // RFC 9112 §4 requires a space before an empty reason, but many servers leave the space out
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
        // a proxy must remove white space before a colon from a response, and must refuse it in a request (RFC 9112
        // §5.1)
        Fields fields = fields(true);
        return new ResponseHead(version, status, reason, fields, Framing.ofResponse(toHead, version, status, fields));
    }

    /** Reads {@code HTTP/1.} and one digit. Returns null for anything else. */
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

    private Fields fields(boolean spaceBeforeColon) {
        if (atLineEnd()) {
            return Fields.NONE;
        }
        FieldSpans spans = new FieldSpans();
        do {
            field(spans, spaceBeforeColon);
        } while (!atLineEnd());
        return spans.toFields(bytes);
    }

    /** Reads one field line and adds the positions of its name and value to {@code spans}. */
    private void field(FieldSpans spans, boolean spaceBeforeColon) {
        int nameStart = at;
        skipToken();
        int nameEnd = at;
        if (spaceBeforeColon) {
            skipSpace();
        }
        if (nameEnd == nameStart || bytes[at] != ':') {
            throw MalformedMessage.because("malformed header field");
        }
        at++;
        skipSpace();
        int valueStart = at;
        while (Ascii.isFieldValue(bytes[at])) {
            at++;
        }
        int valueEnd = at;
        while (valueEnd > valueStart && Ascii.isSpace(bytes[valueEnd - 1])) {
            valueEnd--;
        }
        if (!atLineEnd()) {
            throw MalformedMessage.because("malformed header field");
        }
        skipLineEnd();
        spans.add(bytes, nameStart, nameEnd, valueStart, valueEnd);
    }

    private void skipToken() {
        while (Ascii.isToken(bytes[at])) {
            at++;
        }
    }

    private void skipSpace() {
        while (Ascii.isSpace(bytes[at])) {
            at++;
        }
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
