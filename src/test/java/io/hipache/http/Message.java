package io.hipache.http;

import java.util.List;

/** One row of a table: bytes that arrive, and what a decoder is to make of them. */
record Message(String sentence, String bytes, List<String> decoded) {

    static Message row(String sentence, String bytes, String... decoded) {
        return new Message(sentence, bytes, List.of(decoded));
    }

    @Override
    public String toString() {
        return sentence;
    }
}
