package io.hipache.testing;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

/**
 * A client that speaks HTTP/2 over TLS. It writes whatever frames the test asks for, however wrong, and reads the
 * answers. Header blocks are written without compression. The test fails when an expected frame does not arrive in
 * time. Used by one thread.
 */
public final class FrameClient implements AutoCloseable {
    private final SSLSocket socket;
    private final SocketUnderTls tcp;
    private final DataInputStream in;
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false, 1 << 20);
    private final List<Frame> unread = new ArrayList<>();
    private boolean ended;

    private FrameClient(SSLSocket socket, SocketUnderTls tcp) throws IOException {
        this.socket = socket;
        this.tcp = tcp;
        this.in = new DataInputStream(socket.getInputStream());
    }

    /**
     * Connects to a port of 127.0.0.1, agrees on h2, and sends the preface and the SETTINGS that every client must
     * send.
     */
    public static FrameClient connect(int port) {
        return handshake(port).preface().frame(Frame.SETTINGS, 0, 0);
    }

    /** Connects and agrees on h2. Sends nothing after the handshake. */
    public static FrameClient handshake(int port) {
        try {
            SocketUnderTls tcp = new SocketUnderTls(port);
            SSLSocket socket = TestTls.asClientOf(tcp, "h2", "http/1.1");
            if (!"h2".equals(socket.getApplicationProtocol())) {
                throw new AssertionError("agreed on <" + socket.getApplicationProtocol() + ">");
            }
            return new FrameClient(socket, tcp);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public FrameClient preface() {
        return send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    public FrameClient send(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public FrameClient frame(int type, int flags, int stream, int... payload) {
        byte[] bytes = new byte[payload.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) payload[i];
        }
        return send(bytes(type, flags, stream, bytes));
    }

    /** The bytes of a frame. */
    public static byte[] bytes(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .put((byte) (payload.length >> 16))
                .putShort((short) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    /** Sends a GET for https://{@code host}{@code path}. */
    public FrameClient get(int stream, String host, String path) {
        return headers(stream, true, ":method=GET", ":scheme=https", ":authority=" + host, ":path=" + path);
    }

    /** Sends the head of a POST; the body must follow. */
    public FrameClient post(int stream, String host, String... fields) {
        List<String> all = new ArrayList<>(List.of(":method=POST", ":scheme=https", ":authority=" + host, ":path=/"));
        all.addAll(List.of(fields));
        return headers(stream, false, all.toArray(String[]::new));
    }

    /**
     * Sends a header block.
     *
     * @param fields each as {@code name=value}
     */
    public FrameClient headers(int stream, boolean endStream, String... fields) {
        int flags = Frame.END_HEADERS | (endStream ? Frame.END_STREAM : 0);
        return send(bytes(Frame.HEADERS, flags, stream, block(fields)));
    }

    public FrameClient data(int stream, boolean endStream, String latin1) {
        byte[] bytes = latin1.getBytes(StandardCharsets.ISO_8859_1);
        return send(bytes(Frame.DATA, endStream ? Frame.END_STREAM : 0, stream, bytes));
    }

    public FrameClient reset(int stream, int error) {
        return frame(Frame.RST_STREAM, 0, stream, 0, 0, 0, error);
    }

    public FrameClient openWindow(int stream, int increment) {
        byte[] payload = ByteBuffer.allocate(4).putInt(increment).array();
        return send(bytes(Frame.WINDOW_UPDATE, 0, stream, payload));
    }

    /** From now on what is sent waits for {@link #end}. */
    public FrameClient gather() {
        tcp.gather();
        return this;
    }

    /** Ends the output. Answers can still be read, but windows cannot be opened. */
    public FrameClient end(OutputEnd end) {
        try {
            end.end(socket, tcp);
            ended = true;
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Encodes a header block of literals (RFC 7541 §6.2.2). */
    public static byte[] block(String... fields) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (String field : fields) {
            int equals = field.indexOf('=', 1);
            block.write(0);
            literal(block, field.substring(0, equals));
            literal(block, field.substring(equals + 1));
        }
        return block.toByteArray();
    }

    private static void literal(ByteArrayOutputStream block, String text) {
        int length = text.length();
        if (length < 127) {
            block.write(length);
        } else {
            block.write(127);
            int rest = length - 127;
            for (; rest >= 128; rest >>= 7) {
                block.write((rest & 127) | 128);
            }
            block.write(rest);
        }
        block.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /**
     * Waits for the next frame that matches. Other frames are kept for later calls.
     *
     * @param what the frame, for the message of a failure
     */
    public Frame await(String what, Predicate<Frame> wanted) {
        for (Frame frame : unread) {
            if (wanted.test(frame)) {
                unread.remove(frame);
                return frame;
            }
        }
        while (true) {
            Frame frame = read(what);
            if (wanted.test(frame)) {
                return frame;
            }
            unread.add(frame);
        }
    }

    /** Waits for the RST_STREAM of this stream and returns its error code. */
    public int awaitReset(int stream) {
        return await("RST_STREAM of " + stream, f -> f.type() == Frame.RST_STREAM && f.stream() == stream)
                .error();
    }

    public Frame awaitGoAway() {
        return await("GOAWAY", frame -> frame.type() == Frame.GOAWAY);
    }

    /** Whether one of the frames that other calls passed over matches. */
    public boolean passedOver(Predicate<Frame> wanted) {
        return unread.stream().anyMatch(wanted);
    }

    /** Reads a response to its end, and opens the windows so that the other side can send all of it. */
    public StreamResponse readResponse(int stream) {
        List<Integer> interim = new ArrayList<>();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        int status = 0;
        List<String> head = List.of();
        List<String> trailers = List.of();
        for (Frame frame = null; frame == null || !frame.isEndOfStream(); ) {
            frame = await("a response on stream " + stream, f -> f.stream() == stream && f.type() <= Frame.RST_STREAM);
            if (frame.type() == Frame.RST_STREAM) {
                throw new AssertionError("reset with error " + frame.error());
            } else if (frame.type() == Frame.DATA) {
                body.writeBytes(frame.payload());
                if (frame.payload().length > 0 && !ended) {
                    openWindow(stream, frame.payload().length).openWindow(0, frame.payload().length);
                }
            } else if (frame.type() == Frame.HEADERS) {
                List<String> fields = fields(frame);
                if (status != 0) {
                    trailers = fields;
                    continue;
                }
                int got = Integer.parseInt(fields.get(0).substring(":status: ".length()));
                if (got < 200) {
                    interim.add(got);
                } else {
                    status = got;
                    head = fields.subList(1, fields.size());
                }
            }
        }
        return new StreamResponse(status, head, body.toString(StandardCharsets.ISO_8859_1), trailers, interim);
    }

    private List<String> fields(Frame frame) {
        List<String> fields = new ArrayList<>();
        try {
            decoder.decodeHeaders(frame.stream(), Unpooled.wrappedBuffer(frame.payload()))
                    .forEach(field -> fields.add(field.getKey() + ": " + field.getValue()));
        } catch (Http2Exception e) {
            throw new AssertionError(e);
        }
        return fields;
    }

    private Frame read(String what) {
        try {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            int stream = in.readInt();
            byte[] payload = in.readNBytes(length);
            return new Frame(type, flags, stream, payload);
        } catch (SocketTimeoutException e) {
            throw new AssertionError("waited in vain for " + what + ", got " + summary(), e);
        } catch (IOException e) {
            throw new AssertionError("the connection ended before " + what + ": " + e + ", got " + summary(), e);
        }
    }

    private String summary() {
        return unread.stream()
                .map(frame -> frame.type() + "/" + frame.stream() + "/" + Arrays.hashCode(frame.payload()))
                .toList()
                .toString();
    }

    /** Waits for the end of the connection by close_notify. Frames before it are skipped. */
    public void expectClosedInOrder() {
        try {
            in.readAllBytes();
        } catch (IOException e) {
            throw new AssertionError("waited in vain for an orderly end of the connection", e);
        }
    }

    /** Waits for the end of the connection. Frames before it are skipped. */
    public void expectClosed() {
        try {
            while (true) {
                int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
                in.skipNBytes(6L + length);
            }
        } catch (EOFException | SocketException | SSLException end) {
            return;
        } catch (IOException e) {
            throw new AssertionError("waited in vain for the end of the connection", e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
