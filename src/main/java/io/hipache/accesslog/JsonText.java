package io.hipache.accesslog;

/**
 * Writes texts as strings of JSON, in printable ASCII alone: whatever somebody sent, the line is valid JSON, valid UTF-8, and
 * harmless on a terminal.
 */
final class JsonText {
    private static final char REPLACEMENT = '\uFFFD';

    private JsonText() {}

    /** Appends a text of the store, or one of ours. Half of a surrogate pair has no place in JSON and is replaced. */
    static void append(String text, LineBuffer line) {
        line.append('"');
        int at = line.appendPlain(text, 0, text.length());
        while (at < text.length()) {
            int code = text.codePointAt(at);
            at += Character.charCount(code);
            escape(isHalf(code) ? REPLACEMENT : code, line);
            at = line.appendPlain(text, at, text.length());
        }
        line.append('"');
    }

    /**
     * Appends a part of a text of a client, each of whose characters holds one byte. Bytes that are UTF-8 become the characters
     * that they mean. Any other byte becomes the character with its number.
     */
    static void appendBytes(String bytes, int from, int to, LineBuffer line) {
        line.append('"');
        int at = line.appendPlain(bytes, from, to);
        while (at < to) {
            int length = lengthOfUtf8(bytes, at, to);
            int code = length == 0 ? -1 : decoded(bytes, at, length);
            escape(code < 0 ? bytes.charAt(at) : code, line);
            at = line.appendPlain(bytes, code < 0 ? at + 1 : at + length, to);
        }
        line.append('"');
    }

    /** How many bytes the first one announces; 0 for a byte that begins no character, or more than there are. */
    private static int lengthOfUtf8(String bytes, int at, int to) {
        char first = bytes.charAt(at);
        int length = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
        return at + length <= to ? length : 0;
    }

    /** The character of these bytes; -1 when they are none. */
    private static int decoded(String bytes, int at, int length) {
        if (length == 1) {
            return bytes.charAt(at);
        }
        int code = bytes.charAt(at) & (0x7F >> length);
        for (int i = at + 1; i < at + length; i++) {
            if ((bytes.charAt(i) & ~0x3F) != 0x80) {
                return -1;
            }
            code = (code << 6) | (bytes.charAt(i) & 0x3F);
        }
        int least = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
        return code < least || code > Character.MAX_CODE_POINT || isHalf(code) ? -1 : code;
    }

    private static boolean isHalf(int code) {
        return code >= Character.MIN_SURROGATE && code <= Character.MAX_SURROGATE;
    }

    private static void escape(int code, LineBuffer line) {
        if (code == '"' || code == '\\') {
            line.append('\\');
            line.append((char) code);
        } else if (Character.isBmpCodePoint(code)) {
            line.appendUnicode((char) code);
        } else {
            line.appendUnicode(Character.highSurrogate(code));
            line.appendUnicode(Character.lowSurrogate(code));
        }
    }
}
