package io.hipache.figures;

/** How long the texts in figures may be, in characters. */
final class FigureText {
    /** A host, or an address and port. */
    static final int NAME = 255;
    /** The URL of a backend. */
    static final int BACKEND = 255;
    /** A character takes three bytes at most. */
    static final int BYTES_OF_CHARACTER = 3;

    private FigureText() {}

    /** The beginning of a text, without half of a surrogate pair. */
    static String fit(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        return text.substring(0, Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most);
    }
}
