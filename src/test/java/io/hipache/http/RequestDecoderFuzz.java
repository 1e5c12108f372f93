package io.hipache.http;

import io.hipache.fuzz.StrictReader;
import io.hipache.http.Line.Next;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * The bytes of a client. However they are cut into reads, they are the same requests; no buffer is lost; and what the
 * proxy's writers make of them is read as the same requests, by the decoder and by a strict reader.
 */
public final class RequestDecoderFuzz {
    private RequestDecoderFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        Decoding whole = Decoding.requests(Next.AT_ONCE, List.of(bytes));

        whole.requireSameAs(Decoding.requests(Next.AFTER_EACH_READ, Pieces.of(1, bytes)));
        whole.requireSameAs(
                Decoding.requests(Next.AT_THE_END, Pieces.random(bytes, new Random(Arrays.hashCode(bytes)))));
        whole.requireWrittenIs(Decoding.requests(Next.AT_ONCE, Pieces.whole(whole.written())));
        int strict = StrictReader.requests(whole.written()).size();
        if (strict != whole.heads()) {
            throw new AssertionError(whole.heads() + " requests are written as " + strict + ":\n" + whole.written());
        }
    }
}
