package io.hipache.http;

import io.hipache.fuzz.StrictReader;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * The bytes of a backend, as the response to a GET and to a HEAD. However they are cut into reads, they are the same
 * response; no buffer is lost; and what the proxy's writers make of them is read as the same response, by the decoder and
 * by a strict reader.
 */
public final class ResponseDecoderFuzz {
    private ResponseDecoderFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        check(false, bytes);
        check(true, bytes);
    }

    private static void check(boolean toHead, byte[] bytes) {
        Decoding whole = Decoding.response(toHead, List.of(bytes));

        whole.requireSameAs(Decoding.response(toHead, Pieces.of(1, bytes)));
        whole.requireSameAs(Decoding.response(toHead, Pieces.random(bytes, new Random(Arrays.hashCode(bytes)))));
        whole.requireWrittenIs(Decoding.response(toHead, Pieces.whole(whole.written())));
        int strict = StrictReader.responses(whole.written(), number -> toHead).size();
        if (strict != whole.heads()) {
            throw new AssertionError(whole.heads() + " responses are written as " + strict + ":\n" + whole.written());
        }
    }
}
