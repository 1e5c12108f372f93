package io.hipache.figures;

/** What is counted of something that has a row in a {@link CountTable}. */
interface Counts<C extends Counts<C>> {

    void add(C more);

    void clear();

    /** To be called once a second. */
    void decay();

    /** How much was counted, 0 for nothing. The rows of a table are for those with the most. */
    long weight();

    /**
     * Writes everything.
     *
     * @param room of about how many bytes, for parts that could be left out
     */
    void write(FigureWriter out, int room);

    void read(FigureReader in) throws MalformedFiguresException;
}
