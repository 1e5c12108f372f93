package io.hipache.driver;

import io.hipache.routing.Driver.ReadCallback;
import io.hipache.routing.Driver.Rows;

/** Passes each outcome of a look-up on to another callback, which is the one that waits. */
interface PassedOn extends ReadCallback {

    ReadCallback waiting();

    @Override
    default void rows(Rows rows) {
        waiting().rows(rows);
    }

    @Override
    default void tooLarge() {
        waiting().tooLarge();
    }

    @Override
    default void wrongType() {
        waiting().wrongType();
    }

    @Override
    default void unavailable(String reason) {
        waiting().unavailable(reason);
    }

    @Override
    default boolean isWanted() {
        return waiting().isWanted();
    }

    @Override
    default int heldBytes() {
        return waiting().heldBytes();
    }
}
