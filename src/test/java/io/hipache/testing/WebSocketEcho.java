package io.hipache.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** A WebSocket backend that sends every frame back unchanged, following RFC 6455. */
public final class WebSocketEcho implements Reply {
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;

    @Override
    public void answer(ReceivedRequest request, Wire wire) throws IOException {
        if (!"websocket".equalsIgnoreCase(request.header("upgrade"))
                || !"Upgrade".equals(request.header("connection"))
                || !"13".equals(request.header("sec-websocket-version"))) {
            throw new AssertionError("no handshake: " + request);
        }
        wire.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: " + accept(String.valueOf(request.header("sec-websocket-key"))) + "\r\n\r\n");
        while (echo(wire)) {
            // until the client sends a close frame
        }
        wire.finish();
    }

    /** The value of Sec-WebSocket-Accept, which proves that the server has understood the key of the handshake. */
    static String accept(String key) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sends one frame back and returns whether another will follow. */
    private static boolean echo(Wire wire) throws IOException {
        byte[] start = wire.readBytes(2);
        int opcode = start[0] & 15;
        if (start[1] >= 0) {
            throw new AssertionError("a client's frame is masked");
        }
        byte[] payload = payload(start[1] & 127, wire);
        int first = opcode == PING ? (start[0] & 0xf0) | PONG : start[0];
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(first);
        writeLength(payload.length, frame);
        frame.writeBytes(payload);
        wire.send(frame.toByteArray());
        return opcode != CLOSE;
    }

    private static byte[] payload(int shortLength, Wire wire) throws IOException {
        int length = shortLength;
        if (shortLength == 126) {
            length = Short.toUnsignedInt(ByteBuffer.wrap(wire.readBytes(2)).getShort());
        } else if (shortLength == 127) {
            length = Math.toIntExact(ByteBuffer.wrap(wire.readBytes(8)).getLong());
        }
        byte[] mask = wire.readBytes(4);
        byte[] payload = wire.readBytes(length);
        for (int i = 0; i < length; i++) {
            payload[i] ^= mask[i & 3];
        }
        return payload;
    }

    private static void writeLength(int length, ByteArrayOutputStream frame) {
        if (length < 126) {
            frame.write(length);
        } else if (length < 1 << 16) {
            frame.write(126);
            frame.writeBytes(ByteBuffer.allocate(2).putShort((short) length).array());
        } else {
            frame.write(127);
            frame.writeBytes(ByteBuffer.allocate(8).putLong(length).array());
        }
    }
}
