package io.hipache.http2;

/**
 * The ids of the streams to which something has happened last, such as a reset: frames for a stream that was reset may still
 * be under way, which is not the client's fault (RFC 9113 §5.1). As many ids are kept as streams may be open.
 */
final class RecentStreams {
    private final int[] ids = new int[FrameHandlers.MOST_STREAMS];
    private int next;

    void add(int id) {
        ids[next] = id;
        next = (next + 1) % ids.length;
    }

    boolean contains(int id) {
        for (int recent : ids) {
            if (recent == id) {
                return true;
            }
        }
        return false;
    }
}
