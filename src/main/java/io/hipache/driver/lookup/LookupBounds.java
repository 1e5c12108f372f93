package io.hipache.driver.lookup;

/**
 * What one frontend may cost. The store is written by tenants, and a frontend over a bound must cost nobody but its own host.
 *
 * @param maxBackends the most backends of one frontend
 */
public record LookupBounds(int maxBackends) {

    /** The most backends where nothing else is configured. */
    public static final int MAX_BACKENDS = 16_000;

    /** A frontend up to this size is always part of the reply. A larger one has to wait while another one is on its way. */
    static final int SMALL_BYTES = 16 * 1024;

    /** What the entries of a list may take in Redis, for each of them. */
    private static final int BYTES_PER_ENTRY = 64;

    /** What an index of the dead set counts for. */
    private static final int BYTES_PER_MARK = 16;

    /** The most elements of one list, with the virtual host. */
    public int entries() {
        return maxBackends + 1;
    }

    /** The most bytes that one list may take in Redis. A short list may always have some long entries. */
    public int bytes() {
        return Math.max(SMALL_BYTES, BYTES_PER_ENTRY * entries());
    }

    /** What one reply may hold of large lists: the largest list that is allowed, with all of its marks. */
    int largeBytes() {
        return bytes() + BYTES_PER_MARK * entries();
    }
}
