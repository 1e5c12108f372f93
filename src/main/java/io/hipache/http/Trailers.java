package io.hipache.http;

/** Which fields of a trailer section are passed on, in both directions and whatever protocol carries them. */
public final class Trailers {
    private Trailers() {}

    /**
     * Hands out the fields that are passed on. A field that the proxy acts on in a head is left out: a receiver that merges
     * trailers into the head would take a length, a host or a forged address from it (RFC 9110 §6.5.1).
     */
    public static void write(Fields trailers, FieldSink out) {
        for (int i = 0; i < trailers.size(); i++) {
            if (trailers.known(i) == null) {
                out.received(trailers, i);
            }
        }
    }
}
