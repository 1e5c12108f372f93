package io.hipache.messages;

/** A number and what is counted, such as {@code 1 request} and {@code 2 requests}. */
public final class Quantity {

    private Quantity() {}

    /**
     * The number with the right word behind it.
     *
     * @param one the word behind 1, with a verb where there is one: {@code line was}
     * @param many the word behind every other number: {@code lines were}
     */
    public static String of(long number, String one, String many) {
        return number + " " + (number == 1 ? one : many);
    }
}
