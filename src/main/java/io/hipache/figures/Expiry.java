package io.hipache.figures;

/**
 * Until when a certificate can be used.
 *
 * @param name one of its host names, or its file
 * @param millis its last moment, in milliseconds since the epoch
 */
public record Expiry(String name, long millis) {
    void write(FigureWriter out) {
        out.text(name, FigureText.NAME);
        out.number(Math.min(FigureReader.LARGEST, Math.max(0, millis)));
    }

    static Expiry read(FigureReader in) throws MalformedFiguresException {
        return new Expiry(in.text(FigureText.NAME), in.number());
    }
}
