package io.hipache.accesslog;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The destination of a log. Confined to the thread that writes, once it is open. */
interface LogTarget {

    /**
     * Opens a destination.
     *
     * @param name the name of the log in messages
     * @param path what the configuration says
     * @throws IOException with a message for the administrator
     */
    static LogTarget open(String name, String path) throws IOException {
        return SyslogTarget.isMeant(path) ? SyslogTarget.open(name, path) : FileTarget.open(name, path);
    }

    /** What the configuration says. */
    String path();

    /** Writes all lines. On failure, the position of {@code lines} tells how much was written. */
    void write(ByteBuffer lines) throws IOException;

    /** The size of the file, 0 for what has none. */
    long size() throws IOException;

    /**
     * Removes the last bytes that were written.
     *
     * @param size the size of the file, unless another program has written to the file as well
     * @return false when the bytes cannot be removed
     */
    boolean takeBack(int bytes, long size);

    void close() throws IOException;
}
