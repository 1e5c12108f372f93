package io.hipache.testing;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Reads messages strictly: the proxy must send everything in the one obvious form. An {@link EOFException} says where a
 * message broke off.
 */
final class MessageReader {
    private static final int LONGEST_LINES = 1 << 20;

    private final InputStream in;
    private final byte[] buffer = new byte[64 << 10];

    MessageReader(InputStream in) {
        this.in = new BufferedInputStream(in, 64 << 10);
    }

    /** The next head, or null when the connection ended before its first byte. */
    @Nullable
    MessageHead readHead() throws IOException {
        String raw = readUntil("\r\n\r\n");
        if (raw.isEmpty()) {
            return null;
        }
        if (!raw.endsWith("\r\n\r\n")) {
            throw new EOFException("the connection ended within a head:\n" + raw);
        }
        return new MessageHead(raw);
    }

    /** Reads everything up to and including {@code end}, or up to the end of the connection. */
    String readUntil(String end) throws IOException {
        StringBuilder text = new StringBuilder();
        char last = end.charAt(end.length() - 1);
        while (text.length() < LONGEST_LINES) {
            int next = in.read();
            if (next < 0) {
                return text.toString();
            }
            text.append((char) next);
            if (next == last && text.length() >= end.length() && text.indexOf(end, text.length() - end.length()) >= 0) {
                return text.toString();
            }
        }
        throw new AssertionError("no <" + end + "> in " + LONGEST_LINES + " bytes");
    }

    void readExactly(long bytes, OutputStream sink) throws IOException {
        long rest = bytes;
        while (rest > 0) {
            int read = in.read(buffer, 0, (int) Math.min(buffer.length, rest));
            if (read < 0) {
                throw new EOFException("the connection ended " + rest + " bytes before the end of " + bytes);
            }
            sink.write(buffer, 0, read);
            rest -= read;
        }
    }

    /** Reads a chunked body and returns the lines of its trailer section. */
    List<String> readChunked(OutputStream sink) throws IOException {
        for (long size = chunkSize(); size > 0; size = chunkSize()) {
            readExactly(size, sink);
            String end = line();
            if (!end.isEmpty()) {
                throw new AssertionError("a chunk of " + size + " bytes is followed by <" + end + ">");
            }
        }
        List<String> trailers = new ArrayList<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            trailers.add(line);
        }
        return trailers;
    }

    void readToEnd(OutputStream sink) throws IOException {
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            sink.write(buffer, 0, read);
        }
    }

    /**
     * Whether the other side has closed or reset the connection. Bytes that it sent before can still be read.
     *
     * @throws java.net.SocketTimeoutException when neither happens within the socket's timeout
     */
    boolean ended() throws IOException {
        in.mark(1);
        try {
            if (in.read() < 0) {
                return true;
            }
        } catch (SocketException | SSLException reset) {
            return true;
        }
        in.reset();
        return false;
    }

    private long chunkSize() throws IOException {
        String line = line();
        try {
            return Long.parseLong(line.split(";", 2)[0], 16);
        } catch (NumberFormatException e) {
            throw new AssertionError("no chunk size: <" + line + ">", e);
        }
    }

    private String line() throws IOException {
        String line = readUntil("\r\n");
        if (!line.endsWith("\r\n")) {
            throw new EOFException("the connection ended within a chunked body, after <" + line + ">");
        }
        return line.substring(0, line.length() - 2);
    }

    static byte[] latin1(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
