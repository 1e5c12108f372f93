package io.hipache.messages;

/**
 * Makes text fit for one line of a log, whoever wrote the text: a client, a backend, the store or a worker. Characters that a
 * terminal or a reader does not show as themselves are written as {@code \x1B} or {@code \\u202E}, as nginx does it: all
 * controls, line separators, direction marks and other invisible characters, and halves of surrogate pairs.
 */
public final class Printable {
    /** A longer line is cut. */
    static final int LONGEST_LINE = 8_192;

    private static final char ELLIPSIS = '…';
    private static final int TWO_DIGITS = 0x100;

    private Printable() {}

    /** The text in one line of bounded length. */
    public static String line(String text) {
        String escaped = escape(text.length() > LONGEST_LINE ? cut(text, LONGEST_LINE) : text);
        return text.length() > LONGEST_LINE || escaped.length() > LONGEST_LINE
                ? cut(escaped, LONGEST_LINE) + ELLIPSIS
                : escaped;
    }

    /** The text itself if it has at most {@code most} characters, otherwise its beginning and an ellipsis. */
    public static String shortened(String text, int most) {
        return text.length() <= most ? text : cut(text, most) + ELLIPSIS;
    }

    /** The first {@code most} characters, without half of a surrogate pair at the end. */
    private static String cut(String text, int most) {
        int end = Math.min(most, text.length());
        return text.substring(0, end > 0 && Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end);
    }

    /** The text in one line. */
    public static String escape(String text) {
        int clean = 0;
        while (clean < text.length() && isPlain(text.charAt(clean))) {
            clean++;
        }
        if (clean == text.length()) {
            return text;
        }
        StringBuilder escaped = new StringBuilder(text.length() + 16).append(text, 0, clean);
        for (int at = clean; at < text.length(); ) {
            int character = text.codePointAt(at);
            append(character, escaped);
            at += Character.charCount(character);
        }
        return escaped.toString();
    }

    /** Printable ASCII needs no look into the tables of Unicode. */
    private static boolean isPlain(char character) {
        return character >= ' ' && character < 0x7f;
    }

    private static void append(int character, StringBuilder escaped) {
        if (isShown(character)) {
            escaped.appendCodePoint(character);
        } else if (character < TWO_DIGITS) {
            escaped.append(String.format("\\x%02X", character));
        } else {
            escaped.append(String.format("\\u%04X", character));
        }
    }

    private static boolean isShown(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }
}
