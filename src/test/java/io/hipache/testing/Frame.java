package io.hipache.testing;

import java.nio.ByteBuffer;

/** A frame of HTTP/2 as it was received (RFC 9113 §4.1). */
public final class Frame {
    public static final int DATA = 0;
    public static final int HEADERS = 1;
    public static final int PRIORITY = 2;
    public static final int RST_STREAM = 3;
    public static final int SETTINGS = 4;
    public static final int PING = 6;
    public static final int GOAWAY = 7;
    public static final int WINDOW_UPDATE = 8;
    public static final int CONTINUATION = 9;

    public static final int END_STREAM = 1;
    public static final int ACK = 1;
    public static final int END_HEADERS = 4;

    public static final int NO_ERROR = 0;
    public static final int PROTOCOL_ERROR = 1;
    public static final int INTERNAL_ERROR = 2;
    public static final int REFUSED_STREAM = 7;
    public static final int CANCEL = 8;
    public static final int ENHANCE_YOUR_CALM = 11;

    private final int type;
    private final int flags;
    private final int stream;
    private final byte[] payload;

    Frame(int type, int flags, int stream, byte[] payload) {
        this.type = type;
        this.flags = flags;
        this.stream = stream;
        this.payload = payload;
    }

    public int type() {
        return type;
    }

    /** The id of the stream, 0 for the connection. */
    public int stream() {
        return stream;
    }

    public byte[] payload() {
        return payload;
    }

    public boolean isEndOfStream() {
        return (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
    }

    /** The error code of a RST_STREAM or GOAWAY frame. */
    public int error() {
        return ByteBuffer.wrap(payload).getInt(type == GOAWAY ? 4 : 0);
    }

    /** The last stream of a GOAWAY frame, or the increment of a WINDOW_UPDATE frame. */
    public int firstNumber() {
        return ByteBuffer.wrap(payload).getInt();
    }
}
