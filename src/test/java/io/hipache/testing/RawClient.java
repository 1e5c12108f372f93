package io.hipache.testing;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * A client that sends exactly the bytes that the test gives it. The test fails when the answer does not arrive in time
 * or is not the expected one. Used by one thread, except that one thread may send while another reads.
 */
public final class RawClient implements AutoCloseable {

    private interface Read<T> {
        T run() throws IOException;
    }

    private interface Write {
        void run() throws IOException;
    }

    private final Socket socket;
    private final MessageReader in;
    private final OutputStream out;
    private @Nullable SocketUnderTls underTls;

    private RawClient(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new MessageReader(socket.getInputStream());
        this.out = socket.getOutputStream();
        socket.setTcpNoDelay(true);
        socket.setSoTimeout((int) Patience.LIMIT.toMillis());
    }

    /** Connects to a port of 127.0.0.1. */
    public static RawClient connect(int port) {
        return connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    public static RawClient connect(InetSocketAddress address) {
        return connect(address, new Socket());
    }

    /** Connects with a receive buffer of about this size, for a client that reads slowly. */
    public static RawClient connectWithReceiveBuffer(int port, int bytes) {
        Socket socket = new Socket();
        try {
            socket.setReceiveBufferSize(bytes);
        } catch (SocketException e) {
            throw new UncheckedIOException(e);
        }
        return connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), socket);
    }

    /** Connects from another address of this machine, as if the client were another machine. */
    public static RawClient connectFrom(String localAddress, int port) {
        Socket socket = new Socket();
        sending(() -> socket.bind(new InetSocketAddress(localAddress, 0)));
        return connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), socket);
    }

    /** Connects with this version of TLS, such as {@code TLSv1.3}, and offers these protocols by ALPN, if any. */
    public static RawClient connectTls(int port, String protocol, String... offered) {
        try {
            SocketUnderTls tcp = new SocketUnderTls(port);
            RawClient client = new RawClient(TestTls.asClient(tcp, protocol, offered));
            client.underTls = tcp;
            return client;
        } catch (IOException e) {
            throw new UncheckedIOException("no " + protocol + " with port " + port, e);
        }
    }

    private static RawClient connect(InetSocketAddress address, Socket socket) {
        try {
            socket.connect(address, (int) Patience.LIMIT.toMillis());
            return new RawClient(socket);
        } catch (IOException e) {
            sending(socket::close);
            throw new UncheckedIOException("cannot connect to " + address, e);
        }
    }

    /** Sends the text unchanged, one byte for each character. */
    public RawClient send(String latin1) {
        return send(latin1.getBytes(StandardCharsets.ISO_8859_1));
    }

    public RawClient send(byte[] bytes) {
        return after(() -> out.write(bytes));
    }

    public RawClient send(BigBody body) {
        return after(() -> body.writeTo(out));
    }

    /** Sends the body as chunks, including the last chunk. */
    public RawClient sendChunked(BigBody body) {
        return after(() -> {
            body.writeTo(new ChunkStream(out));
            ChunkStream.end(out, List.of());
        });
    }

    /** Sends a GET without a body. The connection is kept alive. */
    public RawClient get(String host, String target) {
        return send("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    }

    /** Closes the sending half of the connection. The answer can still be read. */
    public RawClient finishSending() {
        return after(socket::shutdownOutput);
    }

    /** From now on what is sent waits for {@link #end}. The client speaks TLS. */
    public RawClient gather() {
        underTls().gather();
        return this;
    }

    /** Ends the output of a client that speaks TLS. The answer can still be read. */
    public RawClient end(OutputEnd end) {
        return after(() -> end.end(socket, underTls()));
    }

    private SocketUnderTls underTls() {
        if (underTls == null) {
            throw new IllegalStateException("this client speaks no TLS");
        }
        return underTls;
    }

    /** Reads a response to its end. A response with status 1xx is returned like any other. */
    public ReceivedResponse readResponse() {
        return reading("a response", () -> readResponse(false, new KeptBody()));
    }

    /** Reads the response to a HEAD request. */
    public ReceivedResponse readResponseToHead() {
        return reading("a response to HEAD", () -> readResponse(true, new KeptBody()));
    }

    /**
     * Reads a response whose body breaks off, and returns the part that arrived. Fails when the response is complete.
     */
    public ReceivedResponse readBrokenResponse() {
        MessageHead head = readHead();
        KeptBody body = new KeptBody();
        return reading("the end of a broken response", () -> {
            try {
                if (!head.chunked() && head.contentLength() < 0) {
                    throw endOfUnframed(body);
                }
                readBody(head, body);
            } catch (EOFException | SocketException | SSLException broken) {
                return new ReceivedResponse(head, body, List.of());
            }
            throw new AssertionError("the response came whole:\n" + head + "(" + body.length() + " bytes)");
        });
    }

    /** A body without framing is broken only when the connection is reset; every other end is its proper end. */
    private IOException endOfUnframed(KeptBody body) throws IOException {
        in.readToEnd(body);
        throw new AssertionError("a response without framing ended in order, so it looks whole");
    }

    /** Reads only a head. Read the body with {@link #readUntil} or {@link #readBytes}. */
    public MessageHead readHead() {
        return reading("a response head", this::head);
    }

    /** Reads everything up to and including {@code end}; each byte is one character. */
    public String readUntil(String end) {
        return reading("<" + end + ">", () -> {
            String text = in.readUntil(end);
            if (!text.endsWith(end)) {
                throw new AssertionError("the connection ended before <" + end + ">, after <" + text + ">");
            }
            return text;
        });
    }

    /** Reads exactly this many bytes; each byte is one character. */
    public String readBytes(int count) {
        return reading(count + " bytes", () -> {
            KeptBody bytes = new KeptBody();
            in.readExactly(count, bytes);
            return new String(bytes.bytes(), StandardCharsets.ISO_8859_1);
        });
    }

    /** Reads exactly this many bytes and keeps only their digest. */
    public Digest readDigest(long count) {
        return reading(count + " bytes", () -> {
            DigestStream bytes = new DigestStream();
            in.readExactly(count, bytes);
            return bytes.digest();
        });
    }

    /**
     * Reads everything up to the end of the connection, which may be orderly or a reset; each byte is one character.
     */
    public String readToEnd() {
        KeptBody bytes = new KeptBody();
        return reading("the end of the connection", () -> {
            try {
                in.readToEnd(bytes);
            } catch (SocketException | SSLException reset) {
                // a reset: return the bytes that arrived before it
            }
            return new String(bytes.bytes(), StandardCharsets.ISO_8859_1);
        });
    }

    /** Waits for the end of the connection, which may be orderly or a reset. Fails when bytes arrive. */
    public void expectClosed() {
        boolean ended = reading("the end of the connection", in::ended);
        if (!ended) {
            throw new AssertionError("expected the end of the connection, got <" + readAvailable() + ">");
        }
    }

    /** Waits for an orderly end of the connection, with close_notify when it speaks TLS. Fails on a reset. */
    public void expectClosedInOrder() {
        reading("an orderly end", () -> {
            in.readToEnd(OutputStream.nullOutputStream());
            return true;
        });
    }

    /** Waits for a reset, or for an end of TLS without close_notify. Bytes before it are skipped. */
    public void expectReset() {
        reading("a reset", () -> {
            try {
                in.readToEnd(OutputStream.nullOutputStream());
            } catch (SocketException | SSLException reset) {
                return true;
            }
            throw new AssertionError("expected a reset, got an orderly close");
        });
    }

    /** Ends the connection with a reset. */
    public void reset() {
        sending(() -> {
            socket.setSoLinger(true, 0);
            socket.close();
        });
    }

    public int localPort() {
        return socket.getLocalPort();
    }

    @Override
    public void close() {
        sending(socket::close);
    }

    static int status(MessageHead head) {
        String[] parts = head.startLine().split(" ", 3);
        if (parts.length < 2 || !parts[0].startsWith("HTTP/1.") || !parts[1].matches("[1-9][0-9]{2}")) {
            throw new AssertionError("no status line: <" + head.startLine() + ">");
        }
        return Integer.parseInt(parts[1]);
    }

    private ReceivedResponse readResponse(boolean toHead, KeptBody body) throws IOException {
        MessageHead head = head();
        int status = status(head);
        boolean bodiless = toHead || status < 200 || status == 204 || status == 304;
        return new ReceivedResponse(head, body, bodiless ? List.of() : readBody(head, body));
    }

    private MessageHead head() throws IOException {
        @Nullable MessageHead head = in.readHead();
        if (head == null) {
            throw new EOFException("the connection ended without a response");
        }
        return head;
    }

    private List<String> readBody(MessageHead head, OutputStream body) throws IOException {
        if (head.chunked()) {
            return in.readChunked(body);
        }
        if (head.contentLength() >= 0) {
            in.readExactly(head.contentLength(), body);
        } else {
            in.readToEnd(body);
        }
        return List.of();
    }

    private String readAvailable() {
        return reading("what came instead", () -> in.readUntil("\n"));
    }

    private static <T> T reading(String what, Read<T> read) {
        try {
            return read.run();
        } catch (SocketTimeoutException e) {
            throw new AssertionError("waited " + Patience.LIMIT.toSeconds() + " s in vain for " + what, e);
        } catch (IOException e) {
            throw new AssertionError("expected " + what + ": " + e.getMessage(), e);
        }
    }

    private RawClient after(Write write) {
        sending(write);
        return this;
    }

    private static void sending(Write write) {
        try {
            write.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
