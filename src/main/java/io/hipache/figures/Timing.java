package io.hipache.figures;

/** What is measured in a {@link Histogram}. */
public enum Timing {
    /** From the head of a request to its end. */
    REQUEST,
    /** From the head of a request to the head of the backend's answer. */
    FIRST_BYTE,
    /** All look-ups of a request in the store together. */
    LOOKUP
}
