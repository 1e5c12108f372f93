package io.hipache.testing;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The backend's end of one connection, which a {@link Reply} may use as it likes. Used by one thread. */
public final class Wire implements Closeable {
    private final Socket accepted;
    private final Socket socket;
    private final int number;
    private final MessageReader in;
    private final OutputStream out;

    /** @param tls whether to speak TLS; the handshake happens when the first byte is read */
    Wire(Socket accepted, boolean tls, int number) throws IOException {
        this.accepted = accepted;
        this.socket = tls ? TestTls.asServer(accepted) : accepted;
        this.number = number;
        this.in = new MessageReader(socket.getInputStream());
        this.out = new BufferedOutputStream(socket.getOutputStream(), 64 << 10);
        socket.setTcpNoDelay(true);
    }

    /** Reads the head of the next request. Returns null when the connection has ended. */
    @Nullable
    ReceivedRequest readRequest() throws IOException {
        MessageHead head = in.readHead();
        return head == null ? null : new ReceivedRequest(head, number);
    }

    /** Reads the request's body to its end, unless that has been done already. */
    public void readBody(ReceivedRequest request) throws IOException {
        readBody(request, OutputStream.nullOutputStream());
    }

    /** Reads the request's body to its end and passes every piece on at once. */
    void readBody(ReceivedRequest request, OutputStream copy) throws IOException {
        if (request.end().isDone()) {
            return;
        }
        OutputStream sink = new TeeStream(request.bodySink(), copy);
        try {
            if ("100-continue".equalsIgnoreCase(request.header("expect"))) {
                send("HTTP/1.1 100 Continue\r\n\r\n");
            }
            if (request.head().chunked()) {
                request.end().complete(in.readChunked(sink));
            } else {
                in.readExactly(Math.max(0, request.head().contentLength()), sink);
                request.end().complete(List.of());
            }
        } catch (IOException | AssertionError e) {
            request.end().completeExceptionally(e);
            throw e;
        }
    }

    /** Sends the text at once, one byte for each character. */
    public void send(String latin1) throws IOException {
        send(MessageReader.latin1(latin1));
    }

    public void send(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    /** Reads everything up to and including {@code end}, for what follows an upgrade. */
    public String readUntil(String end) throws IOException {
        return in.readUntil(end);
    }

    /** Reads exactly this many bytes. */
    public byte[] readBytes(int count) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(count);
        in.readExactly(count, bytes);
        return bytes.toByteArray();
    }

    /** Reads exactly this many bytes and keeps only their digest. */
    public Digest readDigest(long count) throws IOException {
        DigestStream bytes = new DigestStream();
        in.readExactly(count, bytes);
        return bytes.digest();
    }

    /** Reads everything until the other side stops sending; each byte is one character. Fails on a reset. */
    public String readToEnd() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        in.readToEnd(bytes);
        return bytes.toString(StandardCharsets.ISO_8859_1);
    }

    /** Closes the sending half of the connection. Bytes of the other side can still be read. */
    public void finishSending() throws IOException {
        socket.shutdownOutput();
    }

    /** Sends a large body without framing. */
    public void send(BigBody body) throws IOException {
        body.writeTo(out);
        out.flush();
    }

    OutputStream out() {
        return out;
    }

    /** Waits until the other side closes or resets the connection, and ignores what it still sends. */
    public void awaitClose() throws IOException {
        in.readToEnd(OutputStream.nullOutputStream());
    }

    /** Whether the other side has closed or reset by now. */
    boolean left() throws IOException {
        socket.setSoTimeout(1);
        try {
            return in.ended();
        } catch (SocketTimeoutException stillThere) {
            return false;
        } finally {
            socket.setSoTimeout(0);
        }
    }

    /** Ends the connection with a reset instead of an orderly close. Bytes that were sent before still arrive. */
    public void reset() throws IOException {
        accepted.setSoLinger(true, 0);
        accepted.close();
    }

    /** Ends the connection in an orderly way. Even when bytes of the request were not read, no reset follows. */
    public void finish() throws IOException {
        socket.shutdownOutput();
        awaitClose();
        socket.close();
    }

    /** Ends the connection in an orderly way, but without TLS's close_notify. */
    public void finishWithoutGoodbye() throws IOException {
        accepted.shutdownOutput();
        awaitClose();
        accepted.close();
    }

    boolean isOpen() {
        return !accepted.isClosed();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** Closes the connection and ignores errors. */
    void abandon() {
        try {
            socket.close();
        } catch (IOException gone) {
            // already closed
            return;
        }
    }

    private static final class TeeStream extends OutputStream {
        private final OutputStream first;
        private final OutputStream second;

        TeeStream(OutputStream first, OutputStream second) {
            this.first = first;
            this.second = second;
        }

        @Override
        public void write(int b) throws IOException {
            first.write(b);
            second.write(b);
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            first.write(bytes, from, count);
            second.write(bytes, from, count);
        }
    }
}
