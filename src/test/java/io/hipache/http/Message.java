package io.hipache.http;

import java.util.List;

/**
 * One row of a table.
 *
 * @param sentence what the row shows
 * @param bytes the bytes that arrive
 * @param decoded the messages that the decoder must pass on
 */
record Message(String sentence, String bytes, List<String> decoded) {

    static Message row(String sentence, String bytes, String... decoded) {
        return new Message(sentence, bytes, List.of(decoded));
    }

    @Override
    public String toString() {
        return sentence;
    }
}
