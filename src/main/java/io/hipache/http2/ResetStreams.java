package io.hipache.http2;

/** The streams that were reset last: frames may be on their way to them that are nobody's fault (RFC 9113 §5.1). */
final class ResetStreams {
    private final int[] ids = new int[FrameHandlers.MOST_STREAMS];
    private int next;

    void add(int id) {
        ids[next] = id;
        next = (next + 1) % ids.length;
    }

    boolean contains(int id) {
        for (int reset : ids) {
            if (reset == id) {
                return true;
            }
        }
        return false;
    }
}
